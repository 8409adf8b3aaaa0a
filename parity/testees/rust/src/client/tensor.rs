//! Nested lists of numbers become tensors.

use std::collections::BTreeMap;

use super::error::{Error, Usage};
use super::generation::Generation;
use crate::tinker::training::{TensorData, TensorDtype, TensorValues};
use crate::wire::Opt;

/// An array of any dimensions.
#[derive(Clone, Debug, PartialEq)]
pub enum Nested {
    Int(i64),
    Float(f64),
    List(Vec<Nested>),
}

/// A tensor of an array; `kind` is what array libraries call the type of its elements: "f64", "i32", "u8", "bool", …
/// Errors: `Dtype` where no tensor holds such elements, or rows differ in length.
pub fn make(values: &Nested, kind: &str, generation: &Generation) -> Result<TensorData, Error> {
    match kind {
        "f16" => of(values, TensorDtype::Float32, half),
        "f32" => of(values, TensorDtype::Float32, single),
        "f64" if generation.casts_tensors => of(values, TensorDtype::Float32, single),
        "f64" => of(values, TensorDtype::Float32, |value| value),
        _ if kind.starts_with('i') || kind.starts_with('u') && generation.casts_tensors => {
            of(values, TensorDtype::Int64, |value| value)
        }
        _ => Err(refused(format!("there is no tensor of {kind}"))),
    }
}

/// Plain lists as the inputs of a loss; their names tell their types. Errors: `UnknownName`, `Dtype`.
pub fn of_inputs(inputs: &BTreeMap<String, Nested>) -> Result<BTreeMap<String, TensorData>, Error> {
    let tensor = |(name, values): (&String, &Nested)| {
        let dtype = match name.as_str() {
            "target_tokens" => TensorDtype::Int64,
            "weights" | "advantages" | "logprobs" | "clip_low_threshold" | "clip_high_threshold" => {
                TensorDtype::Float32
            }
            _ => return Err(Error::usage(Usage::UnknownName, format!("{name:?} tells no dtype: give a tensor"))),
        };
        if shape(values)?.len() != 1 {
            return Err(refused(format!("{name:?}: a list of numbers is needed")));
        }
        Ok((name.clone(), of(values, dtype, |value| value)?))
    };
    inputs.iter().map(tensor).collect()
}

fn of(values: &Nested, dtype: TensorDtype, holds: fn(f64) -> f64) -> Result<TensorData, Error> {
    let shape = shape(values)?;
    let mut flat = Vec::new();
    flatten(values, &mut flat);
    let data = match dtype {
        TensorDtype::Int64 => TensorValues::Ints(flat.into_iter().map(whole).collect()),
        TensorDtype::Float32 => TensorValues::Floats(flat.into_iter().map(|each| holds(number(each))).collect()),
    };
    let shape = Opt::Value(shape);
    Ok(TensorData { data, dtype, shape, sparse_crow_indices: Opt::Missing, sparse_col_indices: Opt::Missing })
}

fn whole(value: &Nested) -> i64 {
    match value {
        Nested::Int(value) => *value,
        other => number(other) as i64,
    }
}

fn number(value: &Nested) -> f64 {
    match value {
        Nested::Int(value) => *value as f64,
        Nested::Float(value) => *value,
        Nested::List(_) => unreachable!("flat"),
    }
}

fn shape(values: &Nested) -> Result<Vec<i64>, Error> {
    let Nested::List(list) = values else { return Ok(Vec::new()) };
    let shapes: Vec<Vec<i64>> = list.iter().map(shape).collect::<Result<_, _>>()?;
    if shapes.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(refused("the rows of the list differ in length"));
    }
    Ok([list.len() as i64].into_iter().chain(shapes.into_iter().next().unwrap_or_default()).collect())
}

fn flatten<'a>(values: &'a Nested, flat: &mut Vec<&'a Nested>) {
    match values {
        Nested::List(list) => list.iter().for_each(|each| flatten(each, flat)),
        scalar => flat.push(scalar),
    }
}

/// As an element of 32 bits holds it.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// As an element of 16 bits holds it: 10 bits of fraction, the least exponent -14.
fn half(value: f64) -> f64 {
    let exponent = ((value.to_bits() >> 52 & 0x7ff) as i32 - 1023).max(-14);
    let step = 2f64.powi(exponent - 10);
    let rounded = (value / step).round_ties_even() * step;
    if rounded.abs() > 65504.0 {
        f64::INFINITY.copysign(value)
    } else {
        rounded
    }
}

fn refused(reason: impl Into<String>) -> Error {
    Error::usage(Usage::Dtype, reason)
}
