package clients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	discovery "k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/disk"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"gatepost.test/clients/api"
)

var widgets = api.V1.WithResource("widgets")

func clientset(t *testing.T) *kubernetes.Clientset {
	t.Helper()
	set, err := kubernetes.NewForConfig(config)
	must(t, err)
	return set
}

func setConversionBundle(bundle []byte) error {
	definitions, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"conversion": map[string]any{"webhook": map[string]any{"clientConfig": map[string]any{"caBundle": bundle}}}}})
	if err != nil {
		return err
	}
	_, err = definitions.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}).
		Patch(ctx, "widgets.test.gatepost.dev", types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}

// A control plane of its own, so that its API server can be stopped and started again over what is stored.
func TestInformersResyncAndReconnect(t *testing.T) {
	plane := &envtest.ControlPlane{APIServer: &envtest.APIServer{CertDir: t.TempDir()}}
	must(t, plane.Start())
	defer func() { must(t, plane.Stop()) }()
	admin, err := plane.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, &rest.Config{QPS: 1000, Burst: 1000})
	must(t, err)
	set, err := kubernetes.NewForConfig(admin.Config())
	must(t, err)
	var added, updated, deleted atomic.Int32
	factory := informers.NewSharedInformerFactory(set, time.Second)
	informer := factory.Core().V1().ConfigMaps()
	_, err = informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { added.Add(1) }, UpdateFunc: func(any, any) { updated.Add(1) }, DeleteFunc: func(any) { deleted.Add(1) }})
	must(t, err)
	done, cancel := context.WithCancel(ctx)
	defer cancel()
	factory.Start(done.Done())
	factory.WaitForCacheSync(done.Done())
	maps := set.CoreV1().ConfigMaps("default")
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "first"}}, metav1.CreateOptions{})
	must(t, err)
	eventually(t, func() error {
		if added.Load() < 1 || updated.Load() < 2 {
			return fmt.Errorf("%d added, %d updates by resync", added.Load(), updated.Load())
		}
		return nil
	})
	must(t, plane.APIServer.Stop())
	must(t, plane.APIServer.Start())
	_, err = maps.Get(ctx, "first", metav1.GetOptions{})
	must(t, err)
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "second"}}, metav1.CreateOptions{})
	must(t, err)
	must(t, maps.Delete(ctx, "first", metav1.DeleteOptions{}))
	eventually(t, func() error {
		if _, err := informer.Lister().ConfigMaps("default").Get("second"); err != nil {
			return err
		}
		if _, err := informer.Lister().ConfigMaps("default").Get("first"); err == nil || deleted.Load() == 0 {
			return errors.New("the informer still has what was deleted after the restart")
		}
		return nil
	})
}

func TestLeaderElection(t *testing.T) {
	namespace := newNamespace(t)
	set := clientset(t)
	leaders := make(chan string, 8)
	elect := func(identity string) context.CancelFunc {
		until, cancel := context.WithCancel(ctx)
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock:            &resourcelock.LeaseLock{LeaseMeta: metav1.ObjectMeta{Namespace: namespace, Name: "lock"}, Client: set.CoordinationV1(), LockConfig: resourcelock.ResourceLockConfig{Identity: identity}},
			ReleaseOnCancel: true, LeaseDuration: 2 * time.Second, RenewDeadline: time.Second, RetryPeriod: 100 * time.Millisecond,
			Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { leaders <- identity }, OnStoppedLeading: func() {}}})
		must(t, err)
		go elector.Run(until)
		return cancel
	}
	resign := elect("a")
	if leader := <-leaders; leader != "a" {
		t.Fatal(leader)
	}
	defer elect("b")()
	time.Sleep(300 * time.Millisecond)
	select {
	case leader := <-leaders:
		t.Fatalf("%s leads beside a", leader)
	default:
	}
	resign()
	select {
	case leader := <-leaders:
		if leader != "b" {
			t.Fatal(leader)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody follows the leader")
	}
}

func TestServerSideApply(t *testing.T) {
	namespace := newNamespace(t)
	maps := clientset(t).CoreV1().ConfigMaps(namespace)
	_, err := maps.Apply(ctx, applycorev1.ConfigMap("m", namespace).WithData(map[string]string{"a": "1", "b": "1"}), metav1.ApplyOptions{FieldManager: "one"})
	must(t, err)
	_, err = maps.Apply(ctx, applycorev1.ConfigMap("m", namespace).WithData(map[string]string{"b": "2"}), metav1.ApplyOptions{FieldManager: "two"})
	if !apierrors.IsConflict(err) || err.Error() != `Apply failed with 1 conflict: conflict with "one": .data.b` {
		t.Fatalf("two managers of one field: %v", err)
	}
	got, err := maps.Apply(ctx, applycorev1.ConfigMap("m", namespace).WithData(map[string]string{"b": "2"}), metav1.ApplyOptions{FieldManager: "two", Force: true})
	must(t, err)
	if got.Data["a"] != "1" || got.Data["b"] != "2" {
		t.Fatal(got.Data)
	}
	extracted, err := applycorev1.ExtractConfigMap(got, "two")
	must(t, err)
	if len(extracted.Data) != 1 {
		t.Fatalf("what two owns: %v", extracted.Data)
	}
}

func TestDynamicClient(t *testing.T) {
	namespace := newNamespace(t)
	anything, err := dynamic.NewForConfig(config)
	must(t, err)
	client := anything.Resource(widgets).Namespace(namespace)
	watching, err := client.Watch(ctx, metav1.ListOptions{})
	must(t, err)
	defer watching.Stop()
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "test.gatepost.dev/v1", "kind": "Widget", "metadata": map[string]any{"name": "w"},
		"spec": map[string]any{"size": int64(4), "color": "red"}}}
	made, err := client.Apply(ctx, "w", object, metav1.ApplyOptions{FieldManager: "test"})
	must(t, err)
	if event := <-watching.ResultChan(); event.Type != watch.Added || event.Object.(*unstructured.Unstructured).GetUID() != made.GetUID() {
		t.Fatalf("%+v", event)
	}
	unstructured.RemoveNestedField(object.Object, "spec", "size")
	made, err = client.Apply(ctx, "w", object, metav1.ApplyOptions{FieldManager: "test"})
	must(t, err)
	if _, found, _ := unstructured.NestedInt64(made.Object, "spec", "size"); found {
		t.Fatalf("what is not applied any more is still there: %v", made.Object["spec"])
	}
	made.SetResourceVersion("")
	if _, err = client.Update(ctx, made, metav1.UpdateOptions{}); !apierrors.IsInvalid(err) {
		t.Fatalf("an update without a version: %v", err)
	}
	list, err := client.List(ctx, metav1.ListOptions{LabelSelector: "none=here"})
	must(t, err)
	if len(list.Items) != 0 {
		t.Fatal(list.Items)
	}
}

func TestDiscoveryCaches(t *testing.T) {
	plain, err := discovery.NewDiscoveryClientForConfig(config)
	must(t, err)
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(plain))
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: api.Group, Kind: "Widget"})
	must(t, err)
	// The newest version is the preferred one.
	if mapping.Resource != api.V2.WithResource("widgets") {
		t.Fatal(mapping.Resource)
	}
	onDisk, err := disk.NewCachedDiscoveryClientForConfig(config, t.TempDir(), "", time.Minute)
	must(t, err)
	for range 2 {
		groups, resources, err := onDisk.ServerGroupsAndResources()
		must(t, err)
		if len(groups) < 20 || len(resources) < 20 {
			t.Fatalf("%d groups, %d versions", len(groups), len(resources))
		}
	}
	if !onDisk.Fresh() {
		t.Fatal("the cache was not used")
	}
	document, err := onDisk.OpenAPISchema()
	must(t, err)
	if document.GetInfo().GetTitle() != "Kubernetes" {
		t.Fatal(document.GetInfo())
	}
}
