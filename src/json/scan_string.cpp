#include "json/scan_string.h"

#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace gatepost::json {
namespace {

bool plain_read(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

bool plain_write(unsigned char c) {
  return plain_read(c) && c != '<' && c != '>' && c != '&';
}

#ifdef __SSE2__
// Bytes below 0x20 and, being negative as signed numbers, those from 0x80 on.
__m128i control_or_wide(__m128i block) {
  return _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
}

__m128i equal(__m128i block, char c) {
  return _mm_cmpeq_epi8(block, _mm_set1_epi8(c));
}
#endif

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

}  // namespace

std::size_t end_of_plain_read(std::string_view text, std::size_t from) {
#ifdef __SSE2__
  for (; from + 16 <= text.size(); from += 16) {
    __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    __m128i stop = _mm_or_si128(control_or_wide(block), _mm_or_si128(equal(block, '"'), equal(block, '\\')));
    if (int mask = _mm_movemask_epi8(stop)) return from + static_cast<std::size_t>(__builtin_ctz(mask));
  }
#endif
  while (from < text.size() && plain_read(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

std::size_t end_of_plain_write(std::string_view text, std::size_t from) {
#ifdef __SSE2__
  for (; from + 16 <= text.size(); from += 16) {
    __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    __m128i quote = _mm_or_si128(equal(block, '"'), equal(block, '\\'));
    __m128i html = _mm_or_si128(equal(block, '&'), _mm_or_si128(equal(block, '<'), equal(block, '>')));
    __m128i stop = _mm_or_si128(control_or_wide(block), _mm_or_si128(quote, html));
    if (int mask = _mm_movemask_epi8(stop)) return from + static_cast<std::size_t>(__builtin_ctz(mask));
  }
#endif
  while (from < text.size() && plain_write(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

std::size_t utf8_length(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(text, at + 1)) return 0;
  if (first < 0xe0) return 2;
  if (!continues(text, at + 2)) return 0;
  if (first < 0xf0) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) >= 0xa0) return 0;
    return 3;
  }
  if (!continues(text, at + 3)) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) >= 0x90) return 0;
  return 4;
}

void append_utf8(char32_t point, std::string& out) {
  auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | ((point >> shift) & 0x3f))); };
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (point >> 6)));
    tail(0);
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (point >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | (point >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace gatepost::json
