export default function PaymentLinesPage() {
  return null;
}
