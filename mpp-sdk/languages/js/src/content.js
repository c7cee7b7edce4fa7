// Results that are not structured data.

/** The mark of content among results. */
const CONTENT = Symbol.for("mpp.content");

function content(part) {
  Object.defineProperty(part, CONTENT, { value: true });
  return part;
}

/**
 * Makes a text.
 *
 * @param {string} value
 */
export function text(value) {
  return content({ type: "text", text: String(value) });
}

/**
 * Makes an image.
 *
 * @param {Uint8Array} data
 * @param {string} mimeType such as `image/png`
 */
export function image(data, mimeType) {
  return content({ type: "image", data: base64(data), mimeType });
}

/**
 * Makes audio.
 *
 * @param {Uint8Array} data
 * @param {string} mimeType such as `audio/wav`
 */
export function audio(data, mimeType) {
  return content({ type: "audio", data: base64(data), mimeType });
}

/** The mark of a whole result. */
const RESULT = Symbol.for("mpp.result");

/** Marks the result of a call, which is passed on as it is. */
export const whole = (result) => Object.defineProperty(result, RESULT, { value: true });

const isContent = (value) => typeof value === "object" && value !== null && value[CONTENT] === true;

/** Converts what a tool returned into the result of a call. */
export function result(value) {
  if (value?.[RESULT] === true) {
    return value;
  }
  if (typeof value === "string") {
    return { content: [text(value)], isError: false };
  }
  if (isContent(value)) {
    return { content: [value], isError: false };
  }
  if (Array.isArray(value) && value.length > 0 && value.every(isContent)) {
    return { content: value, isError: false };
  }
  return { content: [], structuredContent: value === undefined ? {} : value, isError: false };
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes) {
  const parts = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    parts.push(
      DIGITS[three >> 18] +
        DIGITS[(three >> 12) & 63] +
        (left > 1 ? DIGITS[(three >> 6) & 63] : "=") +
        (left > 2 ? DIGITS[three & 63] : "="),
    );
  }
  return parts.join("");
}
