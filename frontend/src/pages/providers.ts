/** The keys each provider gives its customers, in the order they are asked for. */

export interface ProviderKey {
  name: string;
  /** without it no call can be answered */
  needed: boolean;
  /** several lines, as a PEM file */
  long?: boolean;
}

const KEYS: Record<string, ProviderKey[]> = {
  vonage: [
    { name: "signature_secret", needed: true },
    { name: "previous_signature_secret", needed: false },
    { name: "api_key", needed: false },
    { name: "application_id", needed: false },
    { name: "private_key", needed: false, long: true },
  ],
};

export const providers = Object.keys(KEYS);

export const keysOf = (provider: string): ProviderKey[] => KEYS[provider] ?? [];
