package weaviatetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// Request sends one request and reads the whole answer. path starts with /v1
// and may hold a query. body is sent as it is if it is a []byte, a string or a
// json.RawMessage, as JSON otherwise, and not at all if it is nil. Any status is
// an answer; err is for a request without one. The bearer token is Options.APIKey.
func (s *Server) Request(ctx context.Context, method, path string, body any) (status int, answer []byte, err error) {
	return s.RequestAs(ctx, s.apiKey, method, path, body)
}

// RequestAs is Request by the holder of another key; "" is an anonymous caller.
func (s *Server) RequestAs(ctx context.Context, key, method, path string, body any) (status int, answer []byte, err error) {
	var reader io.Reader
	if body != nil {
		data, err := requestBody(body)
		if err != nil {
			return 0, nil, fmt.Errorf("%s %s: encode the body: %w", method, path, err)
		}
		reader = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, reader)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return response.StatusCode, answer, nil
}

func requestBody(body any) ([]byte, error) {
	switch body := body.(type) {
	case []byte:
		return body, nil
	case json.RawMessage:
		return body, nil
	case string:
		return []byte(body), nil
	default:
		return json.Marshal(body)
	}
}

// MustRequest is Request for a test that needs a 2xx answer.
func (s *Server) MustRequest(tb testing.TB, method, path string, body any) []byte {
	tb.Helper()
	answer, err := s.Do(tb.Context(), method, path, body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer
}

// Do is Request where any status but 2xx is an error.
func (s *Server) Do(ctx context.Context, method, path string, body any) ([]byte, error) {
	status, answer, err := s.Request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	if status < 200 || status > 299 {
		return nil, fmt.Errorf("%s %s: %d %s: %s", method, path, status, http.StatusText(status), answer)
	}
	return answer, nil
}
