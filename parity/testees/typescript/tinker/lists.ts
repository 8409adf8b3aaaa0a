// Messages that are no object of their own on the wire.
import { double, int64, json, list, map, nullable, string } from "../wire/codec.ts";
import { LossFnConfigValue, TensorData } from "./training.ts";

export const Ints = list(int64);
export const Floats = list(double);
export const FloatOrNull = nullable(double);
export const FloatsOrNulls = list(nullable(double));
export const FloatMap = map(double);
export const Strings = list(string);
export const StringMap = map(string);
export const LossFnConfig = map(LossFnConfigValue);
export const LossFnOutput = map(TensorData);
export const TokenLogprobs = list(list(json));
export const TopkCandidates = nullable(TokenLogprobs);
export const TopkLogprobs = list(TopkCandidates);
