//! The outputs of a call's chunks become one.

use super::error::Error;
use super::generation::Generation;
use super::metrics::{self, Metrics};
use crate::tinker::training::ForwardBackwardOutput;

/// In the order of the chunks; the type is the first one's. Errors as `metrics::reduce`.
pub fn combine(outputs: Vec<ForwardBackwardOutput>, generation: &Generation) -> Result<ForwardBackwardOutput, Error> {
    let chunks: Vec<_> = outputs
        .iter()
        .map(|output| Metrics { values: output.metrics.clone(), outputs: output.loss_fn_outputs.len() })
        .collect();
    Ok(ForwardBackwardOutput {
        metrics: metrics::reduce(&chunks, generation)?,
        loss_fn_output_type: outputs.first().map(|output| output.loss_fn_output_type.clone()).unwrap_or_default(),
        loss_fn_outputs: outputs.into_iter().flat_map(|output| output.loss_fn_outputs).collect(),
    })
}
