// Deep copies.

const failed = (value) => new DOMException(`${String(value)} could not be cloned`, "DataCloneError");

export function structuredClone(value) {
  return copy(value, new Map());
}

function copy(value, seen) {
  if (typeof value === "function" || typeof value === "symbol") {
    throw failed(value);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (seen.has(value)) {
    return seen.get(value);
  }
  const keep = (made) => {
    seen.set(value, made);
    return made;
  };
  if (Array.isArray(value)) {
    const made = keep(new Array(value.length));
    for (const [key, member] of Object.entries(value)) {
      made[key] = copy(member, seen);
    }
    return made;
  }
  if (value instanceof Date) {
    return keep(new Date(value.getTime()));
  }
  if (value instanceof RegExp) {
    return keep(new RegExp(value.source, value.flags));
  }
  if (value instanceof Map) {
    const made = keep(new Map());
    value.forEach((member, key) => made.set(copy(key, seen), copy(member, seen)));
    return made;
  }
  if (value instanceof Set) {
    const made = keep(new Set());
    value.forEach((member) => made.add(copy(member, seen)));
    return made;
  }
  if (value instanceof ArrayBuffer) {
    return keep(value.slice(0));
  }
  if (ArrayBuffer.isView(value)) {
    const buffer = copy(value.buffer, seen);
    const length = value instanceof DataView ? value.byteLength : value.length;
    return keep(new value.constructor(buffer, value.byteOffset, length));
  }
  if (value instanceof Error) {
    const made = keep(new Error(value.message));
    made.name = value.name;
    if ("cause" in value) {
      made.cause = copy(value.cause, seen);
    }
    return made;
  }
  const made = keep({});
  for (const [key, member] of Object.entries(value)) {
    made[key] = copy(member, seen);
  }
  return made;
}
