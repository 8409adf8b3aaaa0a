package tinker

import "samewire/parity/testees/go/wire"

// ModelInput is what a model reads: text and images, in order.
type ModelInput struct {
	_      wire.Message `unknown:"forbid"`
	Chunks []Chunk      `wire:"chunks,always"`
}

// Chunk is an EncodedTextChunk, an ImageChunk, an ImageAssetPointerChunk or a DmelChunk.
type Chunk interface{ chunk() }

var _ = wire.Register[Chunk](wire.Union{Tag: "type", Untagged: true, Arms: []wire.Arm{
	wire.ArmOf[EncodedTextChunk]("encoded_text"),
	wire.ArmOf[ImageChunk]("image"),
	wire.ArmOf[ImageAssetPointerChunk]("image_asset_pointer"),
	wire.ArmOf[DmelChunk]("dmel", "tinker-0.38"),
}})

func (EncodedTextChunk) chunk()       {}
func (ImageChunk) chunk()             {}
func (ImageAssetPointerChunk) chunk() {}
func (DmelChunk) chunk()              {}

// EncodedTextChunk is text as token ids.
type EncodedTextChunk struct {
	_      wire.Message `unknown:"forbid"`
	Tokens []int64      `wire:"tokens,always"`
	Type   wire.Literal `wire:"type" literal:"encoded_text"`
}

// ImageChunk is an image that is sent along. Height and width in pixels; Tokens, later ExpectedTokens, is its length.
type ImageChunk struct {
	_              wire.Message    `unknown:"forbid"`
	Data           []byte          `wire:"data,always"`
	Format         ImageFormat     `wire:"format,always"`
	Height         int32           `wire:"height,always" only:"tinker-0.4.1 tinkex"`
	Tokens         int32           `wire:"tokens,always" only:"tinker-0.4.1 tinkex"`
	Width          int32           `wire:"width,always" only:"tinker-0.4.1 tinkex"`
	ExpectedTokens wire.Opt[int32] `wire:"expected_tokens,omit_or_null" only:"tinker-0.38"`
	Type           wire.Literal    `wire:"type" literal:"image"`
}

// ImageAssetPointerChunk is an image that the server already has.
type ImageAssetPointerChunk struct {
	_              wire.Message    `unknown:"forbid"`
	Format         ImageFormat     `wire:"format,always"`
	Height         int32           `wire:"height,always" only:"tinker-0.4.1 tinkex"`
	Location       string          `wire:"location,always"`
	Tokens         int32           `wire:"tokens,always" only:"tinker-0.4.1 tinkex"`
	Width          int32           `wire:"width,always" only:"tinker-0.4.1 tinkex"`
	ExpectedTokens wire.Opt[int32] `wire:"expected_tokens,omit_or_null" only:"tinker-0.38"`
	Type           wire.Literal    `wire:"type" literal:"image_asset_pointer"`
}

// DmelChunk is audio.
type DmelChunk struct {
	_    wire.Message `unknown:"forbid"`
	Dmel []byte       `wire:"dmel,always"`
	Type wire.Literal `wire:"type" literal:"dmel"`
}

// ImageFormat is "png" or "jpeg".
type ImageFormat string

func (ImageFormat) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"png", "jpeg"}}
}
