package api

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/conversion"
)

const Group = "test.gatepost.dev"

var (
	V1 = schema.GroupVersion{Group: Group, Version: "v1"}
	V2 = schema.GroupVersion{Group: Group, Version: "v2"}
)

func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(V1, &Widget{}, &WidgetList{})
	scheme.AddKnownTypeWithName(V2.WithKind("Widget"), &WidgetV2{})
	scheme.AddKnownTypeWithName(V2.WithKind("WidgetList"), &WidgetV2List{})
	metav1.AddToGroupVersion(scheme, V1)
	metav1.AddToGroupVersion(scheme, V2)
	return nil
}

type WidgetSpec struct {
	Size  int32  `json:"size,omitempty"`
	Color string `json:"color,omitempty"`
}

type WidgetStatus struct {
	Ready      bool               `json:"ready,omitempty"`
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WidgetSpec   `json:"spec,omitempty"`
	Status            WidgetStatus `json:"status,omitempty"`
}

func (*Widget) Hub() {}

func (w *Widget) DeepCopyObject() runtime.Object {
	out := *w
	w.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Conditions = append([]metav1.Condition(nil), w.Status.Conditions...)
	return &out
}

type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Widget `json:"items"`
}

func (l *WidgetList) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = nil
	for i := range l.Items {
		out.Items = append(out.Items, *l.Items[i].DeepCopyObject().(*Widget))
	}
	return &out
}

// WidgetV2 keeps the size one level deeper.
type WidgetV2 struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WidgetV2Spec `json:"spec,omitempty"`
	Status            WidgetStatus `json:"status,omitempty"`
}

type WidgetV2Spec struct {
	Dimensions Dimensions `json:"dimensions,omitempty"`
	Color      string     `json:"color,omitempty"`
}

type Dimensions struct {
	Size int32 `json:"size,omitempty"`
}

func (w *WidgetV2) ConvertTo(hub conversion.Hub) error {
	to := hub.(*Widget)
	to.ObjectMeta, to.Status = w.ObjectMeta, w.Status
	to.Spec = WidgetSpec{Size: w.Spec.Dimensions.Size, Color: w.Spec.Color}
	return nil
}

func (w *WidgetV2) ConvertFrom(hub conversion.Hub) error {
	from := hub.(*Widget)
	w.ObjectMeta, w.Status = from.ObjectMeta, from.Status
	w.Spec = WidgetV2Spec{Dimensions: Dimensions{Size: from.Spec.Size}, Color: from.Spec.Color}
	return nil
}

func (w *WidgetV2) DeepCopyObject() runtime.Object {
	out := *w
	w.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Conditions = append([]metav1.Condition(nil), w.Status.Conditions...)
	return &out
}

type WidgetV2List struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []WidgetV2 `json:"items"`
}

func (l *WidgetV2List) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = nil
	for i := range l.Items {
		out.Items = append(out.Items, *l.Items[i].DeepCopyObject().(*WidgetV2))
	}
	return &out
}
