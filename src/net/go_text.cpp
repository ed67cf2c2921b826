#include "net/go_text.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace gatepost::net {
namespace {

// The runes strconv.IsPrint calls unprintable are far more than this; these are the ranges that appear in practice:
// controls, separators, surrogates, private use, unassigned planes and non-characters.
bool printable(std::uint32_t rune) {
  if (rune < 0x20 || rune == 0x7f) return false;
  if (rune < 0x7f) return true;
  if (rune < 0xa1 || rune == 0xad) return false;
  if (rune >= 0x2000 && rune <= 0x200f) return false;
  if (rune >= 0x2028 && rune <= 0x202f) return false;
  if (rune >= 0x205f && rune <= 0x206f) return false;
  if (rune == 0x1680 || rune == 0x3000 || rune == 0xfeff) return false;
  if (rune >= 0xd800 && rune <= 0xf8ff) return false;
  if (rune >= 0xfff0 && rune <= 0xfffb) return false;
  if ((rune & 0xfffe) == 0xfffe) return false;
  return rune < 0xe0000;
}

// Decodes one rune at `at`; 0 bytes taken means invalid UTF-8.
std::size_t decode(std::string_view text, std::size_t at, std::uint32_t& rune) {
  auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
  auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  std::uint32_t first = byte(at);
  if (first < 0x80) {
    rune = first;
    return 1;
  }
  if (first >= 0xc2 && first < 0xe0 && tail(at + 1)) {
    rune = (first & 0x1f) << 6 | (byte(at + 1) & 0x3f);
    return 2;
  }
  if (first >= 0xe0 && first < 0xf0 && tail(at + 1) && tail(at + 2)) {
    rune = (first & 0x0f) << 12 | (byte(at + 1) & 0x3f) << 6 | (byte(at + 2) & 0x3f);
    return rune >= 0x800 && (rune < 0xd800 || rune > 0xdfff) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5 && tail(at + 1) && tail(at + 2) && tail(at + 3)) {
    rune = (first & 0x07) << 18 | (byte(at + 1) & 0x3f) << 12 | (byte(at + 2) & 0x3f) << 6 | (byte(at + 3) & 0x3f);
    return rune >= 0x10000 && rune <= 0x10ffff ? 4 : 0;
  }
  return 0;
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[(value >> shift) & 0xf];
}

}  // namespace

std::string go_quote(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t rune = 0;
    std::size_t taken = decode(text, at, rune);
    if (taken == 0) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[at]), 2);
      ++at;
      continue;
    }
    if (rune == '"' || rune == '\\') {
      out += '\\';
      out += static_cast<char>(rune);
    } else if (printable(rune)) {
      out += text.substr(at, taken);
    } else if (rune >= 0x07 && rune <= 0x0d) {
      out += '\\';
      out += "abtnvfr"[rune - 0x07];
    } else if (rune < 0x20 || rune == 0x7f) {
      out += "\\x";
      append_hex(out, rune, 2);
    } else if (rune < 0x10000) {
      out += "\\u";
      append_hex(out, rune, 4);
    } else {
      out += "\\U";
      append_hex(out, rune, 8);
    }
    at += taken;
  }
  out += '"';
  return out;
}

std::string errno_text(int error) {
  switch (error) {  // where glibc's words differ from Go's only in the case of letters, Go's are lower case
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
      return "connection reset by peer";
    case ECONNABORTED:
      return "software caused connection abort";
    case EPIPE:
      return "broken pipe";
    case EHOSTUNREACH:
      return "no route to host";
    case EHOSTDOWN:
      return "host is down";
    case ENETUNREACH:
      return "network is unreachable";
    case ENETDOWN:
      return "network is down";
    case ETIMEDOUT:
      return "connection timed out";
    case EADDRINUSE:
      return "address already in use";
    case EADDRNOTAVAIL:
      return "cannot assign requested address";
    case EACCES:
      return "permission denied";
    case EPERM:
      return "operation not permitted";
    case EMFILE:
      return "too many open files";
    case ENFILE:
      return "too many open files in system";
    case EINVAL:
      return "invalid argument";
    case ENOBUFS:
      return "no buffer space available";
    case ENOTCONN:
      return "transport endpoint is not connected";
    case EPROTO:
      return "protocol error";
    default:
      break;
  }
  std::string text = std::strerror(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + ('a' - 'A'));
  return text;
}

ErrorKind errno_kind(int error) {
  switch (error) {
    case ECONNREFUSED:
      return ErrorKind::connection_refused;
    case ECONNRESET:
      return ErrorKind::connection_reset;
    case EPIPE:
      return ErrorKind::broken_pipe;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
      return ErrorKind::no_route;
    case ETIMEDOUT:
      return ErrorKind::dial_timeout;
    default:
      return ErrorKind::other;
  }
}

}  // namespace gatepost::net
