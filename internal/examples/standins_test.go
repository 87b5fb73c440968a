package examples_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
)

// told prints why a stand-in failed.
func told(name string, code int, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, name+": "+err.Error())
	return code
}

// docker stands for `docker run` of this program's image: in the folder that is
// mounted, with the variables that are named and no others.
func docker(args []string) error {
	if len(args) == 0 || args[0] != "run" {
		return fmt.Errorf("not docker run: %q", args)
	}
	env := []string{}
	given := make(map[string]string)
	i := 1
	for ; i < len(args) && strings.HasPrefix(args[i], "--"); i++ {
		switch args[i] {
		case "--rm", "--read-only":
			given[args[i]] = "true"
			continue
		}
		if i+1 == len(args) {
			return fmt.Errorf("%s has no value", args[i])
		}
		option, value := args[i], args[i+1]
		i++
		switch option {
		case "--env":
			if set, ok := os.LookupEnv(value); ok {
				env = append(env, value+"="+set)
			}
		case "--user", "--volume", "--workdir", "--cap-drop", "--security-opt":
			given[option] = value
		default:
			return fmt.Errorf("an option that this stand-in does not know: %s", option)
		}
	}
	folder, target, _ := strings.Cut(given["--volume"], ":")
	user := fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
	switch {
	case i == len(args) || args[i] != image:
		return fmt.Errorf("not the image %s: %q", image, args[i:])
	case !path.IsAbs(folder) || target == "" || given["--workdir"] != target || given["--user"] != user || given["--rm"] == "":
		return fmt.Errorf("options: %q", given)
	}
	program, err := exec.LookPath("weaviate-backup")
	if err != nil {
		return err
	}
	if err := os.Chdir(folder); err != nil {
		return err
	}
	return syscall.Exec(program, append([]string{program}, args[i+1:]...), env)
}

// curl stands for the download of a release's files: its binary is the program on
// PATH.
func curl(args []string) error {
	const from = "https://github.com/weaviate-backup/weaviate-backup-action/releases/download/" + release + "/"
	for _, option := range []string{"--fail", "--location"} {
		if !slices.Contains(args, option) {
			return errors.New("without " + option)
		}
	}
	program, err := exec.LookPath("weaviate-backup")
	if err != nil {
		return err
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	name := "weaviate-backup_" + release + "_linux_amd64"
	files := map[string][]byte{
		name:         binary,
		"SHA256SUMS": fmt.Appendf(nil, "%x  %s\n%064d  %s\n", sha256.Sum256(binary), name, 0, strings.Replace(name, "amd64", "arm64", 1)),
	}
	for i, arg := range args {
		file, ok := strings.CutPrefix(arg, from)
		if !ok {
			continue
		}
		if files[file] == nil || args[i-1] != "--remote-name" {
			return fmt.Errorf("no file of a release, or without --remote-name: %s", arg)
		}
		if err := os.WriteFile(file, files[file], 0o600); err != nil {
			return err
		}
	}
	return nil
}
