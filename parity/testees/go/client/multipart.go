package client

import (
	"bytes"
	"fmt"
	"strings"
)

// Field is one text of a form, File one file.
type (
	Field struct{ Name, Text string }
	File  struct {
		Name, Filename, Type string
		Content              []byte
	}
)

var quoted = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")

// EncodeMultipart writes multipart/form-data (RFC 7578): fields first, then files. mime/multipart escapes names otherwise.
func EncodeMultipart(boundary string, fields []Field, files []File) []byte {
	var out bytes.Buffer
	for _, field := range fields {
		fmt.Fprintf(&out, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
			boundary, quoted.Replace(field.Name), field.Text)
	}
	for _, file := range files {
		fmt.Fprintf(&out, "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n%s\r\n",
			boundary, quoted.Replace(file.Name), quoted.Replace(file.Filename), file.Type, file.Content)
	}
	fmt.Fprintf(&out, "--%s--\r\n", boundary)
	return out.Bytes()
}
