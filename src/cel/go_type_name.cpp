#include "cel/go_type_name.h"

namespace gatepost::cel {

std::string go_type_name(const Value& value) {
  switch (value.kind) {
    case ValueKind::Null:
      return "types.Null";
    case ValueKind::Bool:
      return "types.Bool";
    case ValueKind::Int:
      return "types.Int";
    case ValueKind::Uint:
      return "types.Uint";
    case ValueKind::Double:
      return "types.Double";
    case ValueKind::String:
      return "types.String";
    case ValueKind::Bytes:
      return "types.Bytes";
    case ValueKind::Timestamp:
      return "types.Timestamp";
    case ValueKind::Duration:
      return "types.Duration";
    case ValueKind::Type:
      return "*types.Type";
    case ValueKind::List:
      return value.form == Form::Json ? "[]interface {}" : "*types.baseList";
    case ValueKind::Map:
      return value.form == Form::Json ? "map[string]interface {}" : "*types.baseMap";
    case ValueKind::Optional:
      return "*types.Optional";
    default:
      return type_of(value)->name;
  }
}

}  // namespace gatepost::cel
