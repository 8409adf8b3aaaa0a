//! The metrics of a call's chunks become one set.

use std::collections::BTreeMap;

use super::error::{Error, Usage};
use super::generation::Generation;
use super::python_hash;

/// The metrics of one chunk, and how many outputs it has: its weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    pub values: BTreeMap<String, f64>,
    pub outputs: usize,
}

/// By the reduction in each key "name:reduction", over the keys of the first chunk that all others have, too. Reductions that
/// are not known are dropped with their keys. Errors: `BadKey`, `ZeroWeight`.
pub fn reduce(chunks: &[Metrics], generation: &Generation) -> Result<BTreeMap<String, f64>, Error> {
    let mut reduced = BTreeMap::new();
    for key in chunks.first().into_iter().flat_map(|chunk| chunk.values.keys()) {
        let reduction = match key.split_once(':') {
            Some((_, reduction)) if !reduction.contains(':') => reduction,
            _ => return Err(Error::usage(Usage::BadKey, format!("metric {key:?} is not called name:reduction"))),
        };
        let values: Vec<f64> = chunks.iter().filter_map(|chunk| chunk.values.get(key).copied()).collect();
        if values.len() < chunks.len() {
            continue;
        }
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let value = match reduction {
            "sum" => values.iter().sum(),
            "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
            "max" => most,
            "mean" => mean(key, &values, chunks)?,
            "slack" => most - mean(key, &values, chunks)?,
            "hash_unordered" => python_hash::unordered(&values) as f64,
            "unique" => {
                for (place, value) in values.iter().enumerate().skip(1) {
                    reduced.insert(format!("{key}_{}", place - 1 + generation.unique_from), *value);
                }
                values[0]
            }
            _ => continue,
        };
        reduced.insert(key.clone(), value);
    }
    Ok(reduced)
}

fn mean(key: &str, values: &[f64], chunks: &[Metrics]) -> Result<f64, Error> {
    let total: usize = chunks.iter().map(|chunk| chunk.outputs).sum();
    if total == 0 {
        let text = format!("metric {key:?}: no chunk has outputs to weigh by");
        return Err(Error::usage(Usage::ZeroWeight, text));
    }
    let weighed = values.iter().zip(chunks).map(|(value, chunk)| value * chunk.outputs as f64);
    Ok(weighed.sum::<f64>() / total as f64)
}
