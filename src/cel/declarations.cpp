#include "cel/declarations.h"

#include <algorithm>

namespace gatepost::cel {

namespace {

struct NamedType {
  std::string_view name;
  TypeKind kind;
};

constexpr NamedType kTypes[] = {{"int", TypeKind::Int},
                                {"uint", TypeKind::Uint},
                                {"double", TypeKind::Double},
                                {"string", TypeKind::String},
                                {"bytes", TypeKind::Bytes},
                                {"bool", TypeKind::Bool},
                                {"null", TypeKind::Null},
                                {"dyn", TypeKind::Dyn},
                                {"type", TypeKind::Type},
                                {"any", TypeKind::Any},
                                {"timestamp", TypeKind::Timestamp},
                                {"duration", TypeKind::Duration}};

// Reads types from the front of the text.
class TypeReader {
 public:
  TypeReader(std::string_view text, TypePool& pool, std::vector<std::string>* params)
      : rest_(text), pool_(pool), params_(params) {}

  const Type* read() {
    const std::size_t end = std::min(rest_.find_first_of(",()"), rest_.size());
    const std::string_view name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (name.empty()) return nullptr;
    if (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z') {
      if (params_ != nullptr && std::find(params_->begin(), params_->end(), name) == params_->end())
        params_->emplace_back(name);
      return pool_.param(name);
    }
    if (name[0] == '$') return pool_.object(name.substr(1));
    std::vector<const Type*> inner;
    if (take('(')) {
      do inner.push_back(read());
      while (take(','));
      take(')');
    }
    if (name[0] == '@') return pool_.opaque(name.substr(1), std::move(inner));
    if (name == "list") return inner.empty() ? any_list_type() : pool_.list(inner[0]);
    if (name == "map") return inner.size() < 2 ? any_map_type() : pool_.map(inner[0], inner[1]);
    if (name == "optional") return inner.empty() ? any_optional_type() : pool_.optional(inner[0]);
    if (name == "type" && !inner.empty()) return pool_.type_of(inner[0]);
    if (name == "wrapper" && !inner.empty()) return pool_.nullable(inner[0]);
    for (const NamedType& known : kTypes)
      if (known.name == name) return simple_type(known.kind);
    return nullptr;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

 private:
  std::string_view rest_;
  TypePool& pool_;
  std::vector<std::string>* params_;
};

template <class Map>
auto lookup(const Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

void Declarations::variable(std::string name, const Type* type) {
  variables_[std::move(name)] = type;
}

Function& Declarations::own_function(std::string_view name) {
  const auto found = functions_.find(name);
  if (found != functions_.end()) return found->second;
  const Function* inherited = parent_ ? parent_->find_function(name) : nullptr;
  Function& out = functions_[std::string(name)];
  out = inherited != nullptr ? *inherited : Function{std::string(name), {}};
  return out;
}

Overload Declarations::read_overload(const OverloadText& text, Native native) {
  Overload out;
  out.id = text.id;
  out.native = native;
  std::string_view signature = text.signature;
  out.member = signature.starts_with('.');
  if (out.member) signature.remove_prefix(1);
  const std::size_t arrow = signature.find("->");
  TypeReader args(signature.substr(0, arrow), types_, &out.params);
  if (arrow > 0) {
    do out.args.push_back(args.read());
    while (args.take(','));
  }
  out.result = TypeReader(signature.substr(arrow + 2), types_, &out.params).read();
  return out;
}

void Declarations::function(std::string_view name, Native native, std::initializer_list<OverloadText> overloads) {
  Function& function = own_function(name);
  for (const OverloadText& text : overloads) function.overloads.push_back(read_overload(text, native));
}

void Declarations::function(std::string_view name, Overload overload) {
  own_function(name).overloads.push_back(std::move(overload));
}

void Declarations::type_name(std::string_view name, const Type* described) {
  type_names_[std::string(name)] = described;
}

void Declarations::object(std::string_view name, const SchemaType* schema) {
  objects_[std::string(name)] = schema;
}

void Declarations::macros(const Macros& more) {
  macros_.insert(macros_.end(), more.begin(), more.end());
}

const Type* Declarations::find_variable(std::string_view name) const {
  if (const auto* found = lookup(variables_, name)) return *found;
  return parent_ ? parent_->find_variable(name) : nullptr;
}

const Function* Declarations::find_function(std::string_view name) const {
  if (const auto* found = lookup(functions_, name)) return found;
  return parent_ ? parent_->find_function(name) : nullptr;
}

bool Declarations::is_open_object(std::string_view name) const {
  if (open_objects_.empty() || !name.starts_with(open_objects_)) return false;
  return name.size() == open_objects_.size() || name[open_objects_.size()] == '.';
}

const Type* Declarations::find_type_name(std::string_view name) const {
  if (const auto* found = lookup(type_names_, name)) return *found;
  if (is_open_object(name)) {
    const Type*& type = open_type_names_[std::string(name)];
    if (type == nullptr) type = open_types_.object(name);
    return type;
  }
  return parent_ ? parent_->find_type_name(name) : nullptr;
}

const Type* Declarations::find_well_known(std::string_view name) const {
  if (const auto* found = lookup(well_known_, name)) return *found;
  return parent_ ? parent_->find_well_known(name) : nullptr;
}

const SchemaType* Declarations::find_object(std::string_view name) const {
  if (const auto* found = lookup(objects_, name)) return *found;
  if (is_open_object(name)) {
    static const SchemaType open{.type = dyn_type(), .any_field = true};
    return &open;
  }
  return parent_ ? parent_->find_object(name) : nullptr;
}

Macros Declarations::all_macros() const {
  Macros out = macros_;
  if (!parent_) return out;
  const Macros inherited = parent_->all_macros();
  out.insert(out.end(), inherited.begin(), inherited.end());
  return out;
}

const Type* Declarations::type(std::string_view text) {
  return TypeReader(text, types_, nullptr).read();
}

}  // namespace gatepost::cel
