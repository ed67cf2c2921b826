// Result<T>: a value or the reason why there is none, for everything that can fail in normal work. Exceptions are only
// for broken invariants. An error is a typed value first and a text last: layers with richer errors (kube::Status,
// net::Error) use Result<T, ThatError>.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace gatepost {

// The plain error: one line for a person, without a trailing period or newline.
struct Error {
  std::string text;
};

template <class T, class E = Error>
using Result = tl::expected<T, E>;

template <class E>
using Failure = tl::unexpected<E>;

// fail("text") and fail(error) make the error side of any Result.
inline Failure<Error> fail(std::string text) {
  return Failure<Error>(Error{std::move(text)});
}

template <class E>
Failure<std::decay_t<E>> fail_with(E&& error) {
  return Failure<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace gatepost
