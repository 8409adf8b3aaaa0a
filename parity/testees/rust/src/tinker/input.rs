//! What a model reads: text and images, in order.

use super::{NOT_038, ONLY_038};
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Bytes, Opt, Rule};
use crate::{message, string_enum, union};

message! {
    pub struct ModelInput (Forbid) {
        chunks: Vec<Chunk> = Rule::new(Always),
    }
}

union! {
    pub enum Chunk tag "type" {
        EncodedText(EncodedTextChunk) = "encoded_text",
        Image(ImageChunk) = "image",
        ImageAssetPointer(ImageAssetPointerChunk) = "image_asset_pointer",
        Dmel(DmelChunk) = "dmel" in ONLY_038,
    }
}

message! {
    pub struct EncodedTextChunk (Forbid, "type" = "encoded_text") {
        tokens: Vec<i64> = Rule::new(Always),
    }
}

message! {
    /// An image that is sent along. Height and width in pixels; `tokens`, in 0.38 `expected_tokens`, is its length.
    pub struct ImageChunk (Forbid, "type" = "image") {
        data: Bytes = Rule::new(Always),
        format: ImageFormat = Rule::new(Always),
        height: Opt<i32> = Rule::new(Always).only(NOT_038),
        tokens: Opt<i32> = Rule::new(Always).only(NOT_038),
        width: Opt<i32> = Rule::new(Always).only(NOT_038),
        expected_tokens: Opt<i32> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// An image that the server already has.
    pub struct ImageAssetPointerChunk (Forbid, "type" = "image_asset_pointer") {
        format: ImageFormat = Rule::new(Always),
        height: Opt<i32> = Rule::new(Always).only(NOT_038),
        location: String = Rule::new(Always),
        tokens: Opt<i32> = Rule::new(Always).only(NOT_038),
        width: Opt<i32> = Rule::new(Always).only(NOT_038),
        expected_tokens: Opt<i32> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// Audio.
    pub struct DmelChunk (Forbid, "type" = "dmel") {
        dmel: Bytes = Rule::new(Always),
    }
}

string_enum! {
    pub enum ImageFormat {
        Png = "png",
        Jpeg = "jpeg",
    }
}
