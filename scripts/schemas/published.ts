/** From what the generator makes of a type to the schema that is published. */
import type { Schema } from 'ts-json-schema-generator';

/**
 * Properties that hold whole numbers, or lists of them. Any other number may be infinite or NaN where a model's are, and JSON has
 * neither: it is printed as null.
 */
const INTEGERS: ReadonlySet<string> = new Set([
  ...['irVersion', 'version', 'functions', 'tensors', 'parameters', 'bytes', 'fileBytes', 'count', 'nodes', 'size'],
  ...['unknown', 'total', 'peak', 'at', 'used', 'from', 'to', 'axis', 'positions', 'of', 'groups', 'neurons', 'shape'],
  ...['nan', 'infinite', 'huge', 'denormal', 'fromMember', 'runs', 'first', 'second', 'candidates', 'kept', 'most'],
  ...['epoch', 'step', 'samples', 'elements', 'mismatches', 'macs', 'memory', 'modelNodes', 'stateBytes'],
]);

/** A schema, or a list or a record of them: what JSON holds. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

type Fields = { readonly [key: string]: Json };

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `number` as what it really is under this name. */
function typeOf(type: Json, name: string): Json {
  const types = Array.isArray(type) ? (type as readonly Json[]) : [type];
  if (!types.includes('number')) return type;
  if (INTEGERS.has(name))
    return types.length === 1 ? 'integer' : types.map((each) => (each === 'number' ? 'integer' : each));
  return [...new Set([...types, 'null'])];
}

/** A schema with its numbers told, `name` being the property that it is of. */
function told(schema: Json, name: string): Json {
  if (Array.isArray(schema)) return (schema as readonly Json[]).map((each) => told(each, name));
  if (!isFields(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, Json] => {
      if (key === 'type') return [key, typeOf(value, name)];
      if (key === 'description' && typeof value === 'string') return [key, value.replace(/\s+/g, ' ').trim()];
      if ((key === 'properties' || key === 'definitions') && isFields(value)) {
        const inner = Object.entries(value).map(([own, each]) => [own, told(each, key === 'properties' ? own : name)]);
        return [key, Object.fromEntries(inner)];
      }
      return [key, key === 'enum' || key === 'const' || key === 'required' ? value : told(value, name)];
    }),
  );
}

/** The text of the file for the document of this name, `inspect@1`. */
export function published(name: string, schema: Schema): string {
  const { $schema, ...rest } = told(schema as Json, '') as Fields;
  const document = { $schema, $id: `onnx-transplant/${name}`, title: `onnx-transplant/${name}`, ...rest };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
