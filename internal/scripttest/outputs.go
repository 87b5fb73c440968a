package scripttest

import (
	"fmt"
	"regexp"
	"strings"
)

// ReadOutputs reads the file of GITHUB_OUTPUT: lines name=value, or
// name<<delimiter, the lines of the value, and the delimiter alone. The result
// has a line name=value for each output, in the order of the file; the further
// lines of a value are indented by two spaces.
func ReadOutputs(file string) ([]string, error) {
	var outputs []string
	lines := strings.Split(strings.TrimSuffix(file, "\n"), "\n")
	if file == "" {
		return nil, nil
	}
	for i := 0; i < len(lines); i++ {
		equals, heredoc := strings.Index(lines[i], "="), strings.Index(lines[i], "<<")
		switch {
		case equals > 0 && (heredoc < 0 || equals < heredoc):
			outputs = append(outputs, lines[i])
			continue
		case heredoc <= 0:
			return nil, fmt.Errorf("line %d is no output: %q", i+1, lines[i])
		}
		name, delimiter := lines[i][:heredoc], lines[i][heredoc+2:]
		start := i + 1
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
		}
		if i == len(lines) || delimiter == "" {
			return nil, fmt.Errorf("output %s has no end: no line %q", name, delimiter)
		}
		outputs = append(outputs, name+"="+strings.Join(lines[start:i], "\n  "))
	}
	return outputs, nil
}

// unstable are the parts of our files and logs that differ from run to run.
var unstable = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d{8}_\d{6}`), "STAMP"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)`), "TIME"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`("(?:sha256|checksum)": ")sha256:[0-9a-f]{64}"`), `${1}SUM"`},
	{regexp.MustCompile(`\bms=\d+`), "ms=N"},
	{regexp.MustCompile(`\b(wait|elapsed)=[0-9.]+[a-zµ]+`), "$1=T"},
}

// Stable writes STAMP and TIME for time stamps, PORT for ports of the loopback
// address, SUM for checksums of files that hold a time stamp (digests of schemas
// stay), N for milliseconds and T for waits.
func Stable(text string) string {
	for _, u := range unstable {
		text = u.pattern.ReplaceAllString(text, u.instead)
	}
	return text
}
