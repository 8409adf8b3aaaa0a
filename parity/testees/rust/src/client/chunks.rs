//! A batch is sent in chunks: where it is cut.

use super::error::{Error, Usage};
use super::generation::Generation;
use crate::tinker::input::Chunk;
use crate::tinker::training::{Datum, TensorValues};
use crate::wire::Opt;

/// A batch in chunks, in its order. Errors: `NoLength`.
pub fn split(mut data: Vec<Datum>, generation: &Generation) -> Result<Vec<Vec<Datum>>, Error> {
    let sizes: Vec<u64> = data.iter().map(numbers).collect::<Result<_, _>>()?;
    let lengths = cut(sizes, generation.chunk_len, generation.chunk_numbers);
    Ok(lengths.into_iter().map(|length| data.drain(..length).collect()).collect())
}

/// How many data each chunk gets, by their numbers; a datum above the limit is a chunk by itself.
pub fn cut(sizes: impl IntoIterator<Item = u64>, max_len: usize, max_numbers: u64) -> Vec<usize> {
    let mut lengths: Vec<usize> = Vec::new();
    let mut held = 0;
    for size in sizes {
        match lengths.last_mut() {
            Some(length) if *length < max_len && held + size <= max_numbers => {
                *length += 1;
                held += size;
            }
            _ => {
                lengths.push(1);
                held = size;
            }
        }
    }
    lengths
}

/// Numbers of a datum: the length of its input, and all elements of its tensors.
fn numbers(datum: &Datum) -> Result<u64, Error> {
    let tensors: usize = datum
        .loss_fn_inputs
        .values()
        .map(|tensor| match &tensor.data {
            TensorValues::Ints(values) => values.len(),
            TensorValues::Floats(values) => values.len(),
        })
        .sum();
    Ok(length(&datum.model_input.chunks)? + tensors as u64)
}

/// Tokens of an input. Errors: `NoLength` where an image does not say how many it takes.
pub fn length(chunks: &[Chunk]) -> Result<u64, Error> {
    chunks.iter().map(tokens).sum()
}

fn tokens(chunk: &Chunk) -> Result<u64, Error> {
    let told = match chunk {
        Chunk::EncodedText(text) => return Ok(text.tokens.len() as u64),
        Chunk::Image(image) => &image.tokens,
        Chunk::ImageAssetPointer(pointer) => &pointer.tokens,
        Chunk::Dmel(_) => &Opt::Missing,
    };
    match told {
        Opt::Value(tokens) => Ok(*tokens as u64),
        _ => Err(Error::usage(Usage::NoLength, "an image without tokens has no length")),
    }
}
