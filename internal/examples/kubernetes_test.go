package examples_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	kjson "sigs.k8s.io/json"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// objects reads the two objects of the manifest as the API server does with
// strict validation: no unknown key, none in another case, none twice.
func objects(t *testing.T) (corev1.PersistentVolumeClaim, batchv1.CronJob) {
	t.Helper()
	documents := strictly[map[string]any](t, read(t, examples+"kubernetes-cronjob.yaml"))
	require.Len(t, documents, 2)
	var claim corev1.PersistentVolumeClaim
	var cron batchv1.CronJob
	for i, into := range []any{&claim, &cron} {
		data, err := json.Marshal(documents[i])
		require.NoError(t, err)
		strict, err := kjson.UnmarshalStrict(data, into)
		require.NoError(t, err)
		require.Empty(t, strict)
	}
	assert.Equal(t, "v1/PersistentVolumeClaim", claim.APIVersion+"/"+claim.Kind)
	assert.Equal(t, "batch/v1/CronJob", cron.APIVersion+"/"+cron.Kind)
	return claim, cron
}

// variables gives the container's variables; those of the secret are key.
func variables(t *testing.T, container corev1.Container, url, key string) map[string]string {
	t.Helper()
	env := make(map[string]string)
	for _, variable := range container.Env {
		env[variable.Name] = variable.Value
		if from := variable.ValueFrom; from != nil {
			require.Equal(t, "weaviate-schema-backup/api-key", from.SecretKeyRef.Name+"/"+from.SecretKeyRef.Key)
			env[variable.Name] = key
		}
	}
	require.Equal(t, "http://weaviate.weaviate.svc", env["WEAVIATE_URL"])
	env["WEAVIATE_URL"] = url
	return env
}

// The pod is what the Pod Security Standard "restricted" asks for, and more; its
// parts name one another; its arguments are inputs of the program.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	claim, cron := objects(t)
	job := cron.Spec.JobTemplate.Spec
	pod := job.Template.Spec
	require.Len(t, pod.Containers, 1)
	c := pod.Containers[0]

	assert.True(t, *pod.SecurityContext.RunAsNonRoot)
	assert.Positive(t, *pod.SecurityContext.RunAsUser)
	assert.Equal(t, *pod.SecurityContext.RunAsGroup, *pod.SecurityContext.FSGroup, "the volume can be written to")
	assert.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, pod.SecurityContext.SeccompProfile.Type)
	assert.False(t, *pod.AutomountServiceAccountToken)
	assert.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
	assert.False(t, *c.SecurityContext.AllowPrivilegeEscalation)
	assert.Equal(t, &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}, c.SecurityContext.Capabilities)

	require.Len(t, pod.Volumes, 1)
	require.Len(t, c.VolumeMounts, 1)
	assert.Equal(t, claim.Name, pod.Volumes[0].PersistentVolumeClaim.ClaimName)
	assert.Equal(t, pod.Volumes[0].Name, c.VolumeMounts[0].Name)
	assert.Equal(t, c.WorkingDir, c.VolumeMounts[0].MountPath, "the workspace is the volume")
	assert.Equal(t, image, c.Image)
	assert.Empty(t, c.Command, "the image has it")

	// What Kubernetes asks of jobs, beside the types.
	assert.Equal(t, corev1.RestartPolicyNever, pod.RestartPolicy, "podFailurePolicy takes no other")
	assert.Equal(t, c.Name, *job.PodFailurePolicy.Rules[0].OnExitCodes.ContainerName)
	assert.Equal(t, batchv1.ForbidConcurrent, cron.Spec.ConcurrencyPolicy)

	env := variables(t, c, "http://weaviate.weaviate.svc", rootKey)
	inputs, err := config.Load(config.Source{Args: c.Args, Getenv: func(name string) string { return env[name] }})
	require.NoError(t, err)
	assert.Equal(t, config.CommandBackup, inputs.Command)
	assert.Equal(t, "nightly", inputs.OutputDirectory)
	assert.Equal(t, rootKey, inputs.Server.APIKey.Reveal())
	assert.Less(t, inputs.Timeout.Seconds(), float64(*job.ActiveDeadlineSeconds), "the program tells what took so long before Kubernetes ends it")
}

// kubernetes runs the container in a folder that stands for the volume.
func kubernetes(m machine) result {
	m.t.Helper()
	_, cron := objects(m.t)
	c := cron.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
	folder := m.t.TempDir()
	code, output := m.run(folder, variables(m.t, c, m.url, m.key), append([]string{"weaviate-backup"}, c.Args...)...)
	r := result{code: code, output: output, steps: []string{c.Name}, failed: 1}
	if code == 0 {
		r.kept = filepath.Join(folder, "nightly")
	}
	return r
}
