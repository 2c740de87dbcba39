/** Rows of the pages beside the canvas, as the server's schema has them. */
import type { components } from "../../api/schema";

type Shapes = components["schemas"];

export type SeedRow = Shapes["Seed"];
export type Impact = Shapes["Impact"];
export type Destination = Shapes["Destination"];
export type Mapping = Shapes["Mapping"];
export type Connection = Shapes["Connection"];
export type Secret = Shapes["Secret"];
export type PaymentLine = Shapes["PaymentLine"];
