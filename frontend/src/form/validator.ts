import type { RJSFSchema, ValidatorType } from "@rjsf/utils";

/**
 * Each field judges its own value while it is typed, and the server's checks judge the whole; the form library needs
 * a validator only to tell alternatives of a schema apart, of which settings have none but fixed choices. So nothing
 * is compiled from schemas in the browser, and a strict content security policy can stay strict.
 */
export const validator: ValidatorType<unknown, RJSFSchema> = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: (schema, value) => {
    const options = typeof schema === "object" ? schema : {};
    if ("const" in options) return options.const === value;
    if (options.type === "null") return value === null || value === undefined;
    if (options.type === "integer" || options.type === "number") return typeof value === "number";
    return options.type === undefined || options.type === typeof value;
  },
  rawValidation: () => ({ errors: [] }),
};
