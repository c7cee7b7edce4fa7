// The tool `create_entities`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/create_entities.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `create_entities`. */
export interface CreateEntitiesArguments {
  counts?: Record<string, number>;
  entities: Entity[];
  /** Any value: the schema allows any value. */
  free?: Record<string, unknown>;
  /** Any value: the schema describes some keys and allows others. */
  open?: Record<string, unknown>;
  options?: Options;
  position?: Position;
}

export interface Entity {
  entityType: string;
  name: string;
  observations?: string[];
  position?: Position;
}

export interface Position {
  x: number;
  y: number | null;
}

export interface Options {
  dry_run?: boolean;
  labels?: Record<string, string>;
}

export const createEntities = tool(
  {
    name: "create_entities",
    description: "Nested objects.",
    parameters: jsonSchema<CreateEntitiesArguments>(parameters),
    securityLevel: "high",
    readOnly: false,
    destructive: true,
  },
  async (given): Promise<string> => {
    throw notImplemented("create_entities");
  },
);
