#include "explain/scan.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gatepost::explain {
namespace {

// A word, and two of its bytes that seldom stand that far apart elsewhere.
struct Needle {
  std::string_view word;
  std::size_t first, second;
};

constexpr std::array<Needle, 4> needles = {
    {{"webhook", 2, 6}, {"t complete ", 3, 6}, {"handshake error", 4, 7}, {"admission plugin", 10, 14}}};
constexpr std::size_t longest_word = 16;

bool ends_with_any(std::string_view text, const auto& words) {
  for (std::string_view word : words) {
    if (text.ends_with(word)) return true;
  }
  return false;
}

// "webhook" is in many lines (paths, kinds); an error's has certain words before it, whatever white space is between.
bool plausible(std::string_view block, std::size_t at, const Needle& needle) {
  if (needle.word != "webhook") return true;
  std::size_t end = at;
  while (end > 0 && at - end < 200 &&
         (block[end - 1] == ' ' || block[end - 1] == '\t' || block[end - 1] == '\n' || block[end - 1] == '\r'))
    --end;
  const std::string_view before = block.substr(end > 40 ? end - 40 : 0, end - (end > 40 ? end - 40 : 0));
  static constexpr std::array<std::string_view, 5> words = {"calling", "admission", "conversion", "to call", "\\n"};
  if (end < at && ends_with_any(before, words)) return true;
  static constexpr std::array<std::string_view, 2> annotations = {"failed-open.validating.", "failed-open.mutation."};
  return end == at && ends_with_any(before, annotations);
}

// True when a needle stands so that its byte `first` is at `at + first`.
bool confirmed(std::string_view block, std::size_t at) {
  for (const Needle& needle : needles) {
    if (at + needle.word.size() <= block.size() &&
        std::memcmp(block.data() + at, needle.word.data(), needle.word.size()) == 0 && plausible(block, at, needle))
      return true;
  }
  return false;
}

std::size_t find_bytewise(std::string_view block, std::size_t from) {
  for (std::size_t at = from; at < block.size(); ++at) {
    const char c = block[at];
    if ((c == 'w' || c == 't' || c == 'h' || c == 'a') && confirmed(block, at)) return at;
  }
  return nowhere;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) std::size_t find_wide(std::string_view block, std::size_t from) {
  const char* data = block.data();
  __m256i first[needles.size()], second[needles.size()];
  for (std::size_t i = 0; i < needles.size(); ++i) {
    first[i] = _mm256_set1_epi8(needles[i].word[needles[i].first]);
    second[i] = _mm256_set1_epi8(needles[i].word[needles[i].second]);
  }
  std::size_t at = from;
  for (; at + 32 + longest_word <= block.size(); at += 32) {
    __m256i any = _mm256_setzero_si256();
    for (std::size_t i = 0; i < needles.size(); ++i) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at + needles[i].first));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at + needles[i].second));
      any = _mm256_or_si256(any, _mm256_and_si256(_mm256_cmpeq_epi8(a, first[i]), _mm256_cmpeq_epi8(b, second[i])));
    }
    auto mask = static_cast<unsigned>(_mm256_movemask_epi8(any));
    while (mask != 0) {
      const std::size_t hit = at + static_cast<std::size_t>(__builtin_ctz(mask));
      if (confirmed(block, hit)) return hit;
      mask &= mask - 1;
    }
  }
  return find_bytewise(block, at);
}

std::size_t find_narrow(std::string_view block, std::size_t from) {
  const char* data = block.data();
  std::size_t at = from;
  for (; at + 16 + longest_word <= block.size(); at += 16) {
    __m128i any = _mm_setzero_si128();
    for (const Needle& needle : needles) {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at + needle.first));
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at + needle.second));
      any = _mm_or_si128(any, _mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8(needle.word[needle.first])),
                                            _mm_cmpeq_epi8(b, _mm_set1_epi8(needle.word[needle.second]))));
    }
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(any));
    while (mask != 0) {
      const std::size_t hit = at + static_cast<std::size_t>(__builtin_ctz(mask));
      if (confirmed(block, hit)) return hit;
      mask &= mask - 1;
    }
  }
  return find_bytewise(block, at);
}
#endif

}  // namespace

std::size_t find_candidate(std::string_view block, std::size_t from) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  return wide ? find_wide(block, from) : find_narrow(block, from);
#else
  return find_bytewise(block, from);
#endif
}

}  // namespace gatepost::explain
