"""The admin service of a mock server: what proto/samewire/mock/v1/admin.proto says, behind the engine like any API."""
