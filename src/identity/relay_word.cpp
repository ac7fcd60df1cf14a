// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/relay_word.h"

#include "codec/tls.h"

namespace cercle::identity {
namespace {

constexpr std::string_view word_label = "Cercle 1 relay word";

}  // namespace

Bytes sign_relay_word(const RelayWord& word, const Authority& authority) {
    SignedRelayWord made;
    made.word = codec::encode(word);
    made.signature = authority.sign(word_label, made.word);
    return codec::encode(made);
}

Result<RelayWord> open_relay_word(BytesView signed_word, const Root& root) {
    TRY(const auto both, codec::decode<SignedRelayWord>(signed_word));
    TRY_VOID(root.verify(word_label, both.word, both.signature));
    TRY(const auto word, codec::decode<RelayWord>(both.word));
    if (word.version != relay_word_version) {
        return fail(Code::unsupported, "a word on the relay's key of another version");
    }
    return word;
}

}  // namespace cercle::identity
