//! multipart/form-data (RFC 7578), with names escaped as browsers do (WHATWG HTML, "multipart form data").

/// One file of a form. `kind` is its media type.
pub struct File {
    pub name: String,
    pub filename: String,
    pub kind: String,
    pub content: Vec<u8>,
}

/// Fields (name, text) first, then files.
pub fn encode(boundary: &str, fields: &[(String, String)], files: &[File]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, text) in fields {
        let name = quoted(name);
        out.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").bytes(),
        );
    }
    for file in files {
        let (name, filename, kind) = (quoted(&file.name), quoted(&file.filename), &file.kind);
        let disposition = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"");
        out.extend(format!("--{boundary}\r\n{disposition}\r\nContent-Type: {kind}\r\n\r\n").bytes());
        out.extend(&file.content);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{boundary}--\r\n").bytes());
    out
}

fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
