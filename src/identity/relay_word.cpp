// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/relay_word.h"

#include "codec/tls.h"

namespace cercle::identity {
namespace {

constexpr std::string_view word_label = "Cercle 1 relay word";

}  // namespace

void RelayWord::encode_to(codec::Writer& writer) const {
    writer.number(relay_word_version);
    codec::write(writer, key);
    codec::write(writer, since);
}

Result<RelayWord> RelayWord::decode_from(codec::Reader& reader) {
    TRY(const auto version, reader.number<std::uint8_t>());
    if (version != relay_word_version) {
        return fail(Code::unsupported, "a word on the relay's key of another version");
    }
    RelayWord word;
    TRY(word.key, codec::read<RelayFingerprint>(reader));
    TRY(word.since, codec::read<protocol::Stamp>(reader));
    return word;
}

Bytes sign_relay_word(const RelayWord& word, const Authority& authority) {
    SignedRelayWord made;
    made.word = codec::encode(word);
    made.signature = authority.sign(word_label, made.word);
    return codec::encode(made);
}

Result<RelayWord> open_relay_word(BytesView signed_word, const Root& root) {
    TRY(const auto both, codec::decode<SignedRelayWord>(signed_word));
    TRY_VOID(root.verify(word_label, both.word, both.signature));
    return codec::decode<RelayWord>(both.word);
}

}  // namespace cercle::identity
