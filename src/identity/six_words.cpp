// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/six_words.h"

#include "base/check.h"

namespace cercle::identity {
namespace {

constexpr std::size_t words = 6;
constexpr std::size_t bits_of_word = 11;

std::size_t bit_of(BytesView hash, std::size_t at) {
    return (hash[at / 8] >> (7 - at % 8)) & 1U;
}

}  // namespace

const std::array<std::string_view, words_in_list>& word_list() {
    static constexpr std::array<std::string_view, words_in_list> list{{
#include "identity/word_list.inc"
    }};
    return list;
}

std::string six_words(BytesView hash) {
    CHECK(hash.size() * 8 >= words * bits_of_word, "a hash is long enough for six words");
    std::string spoken;
    for (std::size_t word = 0; word < words; ++word) {
        std::size_t number = 0;
        for (std::size_t bit = 0; bit < bits_of_word; ++bit)
            number = number << 1U | bit_of(hash, word * bits_of_word + bit);
        if (word > 0) spoken += ' ';
        spoken += word_list().at(number);
    }
    return spoken;
}

std::string plain_words(std::string_view typed) {
    std::string plain;
    bool apart = false;
    for (const char one : typed) {
        const bool capital = one >= 'A' && one <= 'Z';
        if (!capital && (one < 'a' || one > 'z')) {
            apart = !plain.empty();
            continue;
        }
        if (apart) plain += ' ';
        apart = false;
        plain += capital ? static_cast<char>(one - 'A' + 'a') : one;
    }
    return plain;
}

}  // namespace cercle::identity
