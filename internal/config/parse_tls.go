package config

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"strings"
	"unicode"
)

const (
	pemStart         = "-----BEGIN"
	blockCertificate = "CERTIFICATE"
	blockKey         = "PRIVATE KEY"
)

// maxPath is longer than any path; what is longer is text that went wrong.
const maxPath = 4096

// pem gives the PEM text of an input: the value itself, or the file that it
// names. It gives nil when nothing was given or the file can't be read.
func (r *reader) pem(id string) []byte {
	text := r.text(id)
	switch {
	case text == "":
		return nil
	case strings.Contains(text, pemStart):
		if !strings.Contains(text, "\n") {
			r.problemWith(id, "", "is PEM text without line breaks; keep them, in YAML by a block that begins with |")
			return nil
		}
		return []byte(text)
	case len(text) > maxPath || strings.ContainsFunc(text, unicode.IsControl):
		r.problemWith(id, "", "is neither PEM text, which has a line that begins with "+pemStart+", nor the path of a file")
		return nil
	}
	content, err := r.readFile(text)
	if err != nil {
		r.problemWith(id, r.shownPEM(id), "can't be read as a file: "+r.readCause(id, err)+"; allowed: PEM text or the path of a PEM file in the workspace")
		return nil
	}
	return content
}

// readCause says why a file can't be read without naming the file: what was
// given as a path may be a key that was pasted in a wrong form.
func (r *reader) readCause(id string, err error) string {
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.As(err, &pathErr):
		return pathErr.Err.Error()
	case r.secret[id]:
		return "it can't be opened"
	default:
		return err.Error()
	}
}

// caCertificate reads the authorities.
func (r *reader) caCertificate() []byte {
	text := r.pem(idCACertificate)
	if text == nil {
		return nil
	}
	return r.certificates(idCACertificate, text)
}

// certificates gives the certificates in the PEM and nothing else of it: a key
// in the same file must not travel with them. It gives nil when there are none
// or one is broken.
func (r *reader) certificates(id string, text []byte) []byte {
	var found []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != blockCertificate {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			r.problemWith(id, r.shownPEM(id), "holds a certificate that can't be parsed: "+err.Error())
			return nil
		}
		found = append(found, pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Bytes: block.Bytes})...)
	}
	if found == nil {
		r.problemWith(id, r.shownPEM(id), "holds no certificate; allowed: PEM with at least one CERTIFICATE block")
	}
	return found
}

// shownPEM gives the value when it is a path. It gives nothing when it is PEM
// text, or may be the bare base64 of a key that was given in the wrong input.
func (r *reader) shownPEM(id string) string {
	const shortestKey = 48 // base64 of an Ed25519 key in PKCS #8 has 64 characters
	text := r.text(id)
	if strings.Contains(text, pemStart) || len(text) >= shortestKey && !strings.Contains(text, ".") {
		return ""
	}
	return text
}

// clientCertificate reads the certificate and its key, which need each other.
func (r *reader) clientCertificate() ([]byte, SecretBytes) {
	hasCertificate, hasKey := r.text(idClientCertificate) != "", r.text(idClientKey) != ""
	switch {
	case hasCertificate && !hasKey:
		r.problem(idClientKey, "is missing beside client-certificate (a secret is empty in a pull request from a fork)")
	case hasKey && !hasCertificate:
		r.problem(idClientCertificate, "is missing beside client-key")
	}
	certificate, key := r.pem(idClientCertificate), r.pem(idClientKey)
	if certificate != nil {
		certificate = r.certificates(idClientCertificate, certificate)
	}
	goodKey := key != nil && r.privateKey(key)
	if certificate != nil && goodKey {
		if _, err := tls.X509KeyPair(certificate, key); err != nil {
			r.problem(idClientKey, "does not fit client-certificate: "+err.Error())
		}
	}
	return certificate, SecretBytes(key)
}

// privateKey says whether the PEM holds a key that needs no passphrase.
func (r *reader) privateKey(text []byte) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "ENCRYPTED "+blockKey || block.Headers["DEK-Info"] != "":
			r.problem(idClientKey, "needs a passphrase; allowed: PEM with a PRIVATE KEY block that needs none")
			return false
		case block.Type == blockKey || strings.HasSuffix(block.Type, " "+blockKey):
			return true
		}
	}
	r.problem(idClientKey, "holds no private key; allowed: PEM with a PRIVATE KEY block")
	return false
}
