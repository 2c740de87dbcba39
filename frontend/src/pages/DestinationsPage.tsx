export default function DestinationsPage() {
  return null;
}
