// What expressions may name: variables, functions with their overloads, object types, type names. A Declarations is
// built once, from parts that libraries add, and may extend a shared parent. Signatures are written as text:
//   "string,int->bool"      a function of two arguments
//   ".list(T),T->int"       a member function: the first is the receiver; one capital letter is a type parameter
// with int uint double string bytes bool null dyn type timestamp duration list() map() optional(), $name for an object
// type and @name for an opaque one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cel/macros.h"
#include "cel/types.h"
#include "cel/value.h"

namespace gatepost::cel {

class Evaluation;

// The implementation of one library's overloads of a function: chooses by the arguments' kinds, gives
// no_such_overload() for those that are not its own. Arguments are never errors.
using Native = Value (*)(Evaluation& evaluation, std::span<const Value> args);

struct Overload {
  std::string id;
  bool member = false;
  std::vector<const Type*> args;
  const Type* result = nullptr;
  std::vector<std::string> params;
  Native native = nullptr;
};

struct Function {
  std::string name;
  std::vector<Overload> overloads;
};

// The shape of an object type: what the checker needs of its fields, and how the JSON under each is to be read.
struct SchemaField;
struct SchemaType {
  enum class Reading : std::uint8_t {
    Dynamic,
    AsIs,
    Object,
    List,
    Map,
    Timestamp,
    Duration,
    Bytes,
    IntOrString,
    Double
  };
  Reading reading = Reading::Dynamic;
  const Type* type = nullptr;
  std::map<std::string, SchemaField, std::less<>> fields;  // of an object
  const SchemaType* element = nullptr;                     // of a list or map
  enum class ListKind : std::uint8_t { Atomic, Set, Map } list_kind = ListKind::Atomic;
  std::vector<std::string> list_keys;  // of a list of kind Map
  // Most elements, entries, or bytes as JSON; -1 where nothing bounds it. For cost estimates.
  std::int64_t most_elements = -1;
  bool any_field = false;  // every name is a field, of type dyn
};

struct SchemaField {
  const SchemaType* schema = nullptr;
  std::string json_name;  // where it differs from the name in expressions
};

// Where the language's conformance vectors ask for other answers than the implementation that Kubernetes runs gives.
enum class Dialect : std::uint8_t { Kubernetes, Language };

struct OverloadText {
  std::string_view id;
  std::string_view signature;
};

class Declarations {
 public:
  Declarations() = default;
  explicit Declarations(std::shared_ptr<const Declarations> parent) : parent_(std::move(parent)) {}

  void variable(std::string name, const Type* type);
  void function(std::string_view name, Native native, std::initializer_list<OverloadText> overloads);
  void function(std::string_view name, Overload overload);
  // A name that stands for a type: `int`, `net.IP`.
  void type_name(std::string_view name, const Type* described);
  // An object type by its name; its fields are looked up in `schema`, which must outlive the declarations.
  void object(std::string_view name, const SchemaType* schema);
  // `name` and every name below it (`name.spec.x`) are object types with any field.
  void open_objects(std::string_view name) { open_objects_ = name; }
  // A schema that lives as long as the declarations.
  SchemaType& own_schema() { return schemas_.emplace_back(); }
  void macros(const Macros& more);

  const Type* find_variable(std::string_view name) const;
  const Function* find_function(std::string_view name) const;
  const Type* find_type_name(std::string_view name) const;  // the type described
  const SchemaType* find_object(std::string_view name) const;
  // A message that becomes a value of another type: that type, or null.
  void well_known(std::string name, const Type* result) { well_known_[std::move(name)] = result; }
  const Type* find_well_known(std::string_view name) const;
  Macros all_macros() const;

  // Reads a type in the form above; null if it is not one.
  const Type* type(std::string_view text);
  TypePool& types() { return types_; }

  std::string container;
  Dialect dialect = Dialect::Kubernetes;

 private:
  Overload read_overload(const OverloadText& text, Native native);
  Function& own_function(std::string_view name);
  bool is_open_object(std::string_view name) const;

  std::shared_ptr<const Declarations> parent_;
  TypePool types_;
  std::map<std::string, const Type*, std::less<>> variables_;
  std::map<std::string, Function, std::less<>> functions_;
  std::map<std::string, const Type*, std::less<>> type_names_;
  std::map<std::string, const SchemaType*, std::less<>> objects_;
  std::map<std::string, const Type*, std::less<>> well_known_;
  std::deque<SchemaType> schemas_;
  std::string open_objects_;
  // Types of open objects, made when an expression first names them: compiling is for one thread at a time.
  mutable TypePool open_types_;
  mutable std::map<std::string, const Type*, std::less<>> open_type_names_;
  Macros macros_;
};

}  // namespace gatepost::cel
