#include <cstdio>

#include "base/files.h"
#include "cel/tool.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "json/parse.h"
#include "json/write.h"
#include "yaml/convert.h"

namespace gatepost::cli {
namespace {

int refuse(const std::string& text) {
  std::fprintf(stderr, "gatepost cel: %s\n", text.c_str());
  return 2;
}

int print(const gatepost::cel::ToolOutput& output) {
  std::fwrite(output.text.data(), 1, output.text.size(), stdout);
  return output.ok ? 0 : 1;
}

// The JSON or YAML document in a file as JSON; nothing where no file is named.
Result<std::optional<std::string>> document(const std::string& path) {
  if (path.empty()) return std::optional<std::string>();
  auto text = files::read(path);
  if (!text) return fail_with(std::move(text.error()));
  json::Storage arena = json::make_arena(text->size() * 2);
  if (json::parse(*text, arena)) return std::optional(std::move(*text));
  auto value = yaml::parse(*text, arena);
  if (!value) return fail(path + ": " + value.error().text);
  return std::optional(json::write(*value));
}

int vectors(const std::vector<std::string>& paths, bool verbose) {
  std::string lines;
  for (const std::string& path : paths) {
    auto text = files::read(path);
    if (!text) return refuse(text.error().text);
    lines += *text;
    if (!lines.ends_with('\n')) lines += '\n';
  }
  return print(gatepost::cel::show_vectors(lines, verbose ? gatepost::cel::Verbose::Yes : gatepost::cel::Verbose::No));
}

}  // namespace

int cel(std::span<const std::string> arguments) {
  gatepost::cel::ToolInput input;
  std::vector<std::string> expression, vector_files;
  std::string object, old_object, request;
  bool verbose = false;
  Flags flags("cel EXPRESSION [flags]", "Evaluates a CEL expression as the API server does: type, result and cost.");
  flags.rest("expression", expression, "the expression; its variables are object, oldObject, request and authorizer");
  flags.text("--object", object, "file (JSON or YAML) of the variable object");
  flags.text("--old-object", old_object, "file of the variable oldObject");
  flags.text("--request", request, "file of the variable request: the request of an AdmissionReview");
  flags.list("--vectors", vector_files, "file of conformance vectors, a JSON object a line; may be given often");
  flags.toggle("--verbose", verbose, "with --vectors: also names what was skipped");
  if (auto exit = flags.parse(arguments)) return *exit;
  if (expression.empty() == vector_files.empty())
    return refuse("give one expression, or --vectors FILE (see gatepost cel --help)");
  if (!vector_files.empty()) return vectors(vector_files, verbose);
  if (expression.size() != 1) return refuse("give one expression: quote it");
  input.expression = expression.front();
  struct Variable {
    const std::string& path;
    std::optional<std::string>& into;
  };
  for (const Variable& one :
       {Variable{object, input.object}, Variable{old_object, input.old_object}, Variable{request, input.request}}) {
    auto read = document(one.path);
    if (!read) return refuse(read.error().text);
    one.into = std::move(*read);
  }
  auto shown = gatepost::cel::show_expression(input);
  if (!shown) return refuse(shown.error().text);
  return print(*shown);
}

}  // namespace gatepost::cli
