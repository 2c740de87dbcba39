export default function FormColumn() {
  return null;
}
