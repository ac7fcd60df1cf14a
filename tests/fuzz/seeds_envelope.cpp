// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/tls.h"
#include "envelope/card_letter.h"
#include "envelope/content.h"
#include "envelope/inbox_letter.h"
#include "envelope/seen.h"
#include "tests/fuzz/seeds.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::fuzz {

envelope::Attachment sample_attachment() {
    envelope::Attachment file;
    file.blob.bytes.fill(9);
    file.key = Secret(envelope::file_key_size);
    file.size = 5'000'001;
    file.sha256.fill(0xab);
    file.name = "Compte rendu été.pdf";
    file.type = "application/pdf";
    file.expires = 1'900'000'000;
    return file;
}

void add_envelope(Seeds& seeds) {
    vectors::SeededRandom random(1);
    const auto add = [&seeds](std::string name, std::uint8_t which, const auto& value) {
        seeds.push_back({"envelope", std::move(name), numbered(which, value)});
    };
    for (const auto type : {envelope::text_type, envelope::directory_type, envelope::leave_type}) {
        envelope::Content content;
        content.counter = {42};
        content.type = std::string(type);
        content.body = to_bytes("Réunion à 9 h");
        add(std::string(type.substr(type.find_last_of("./") + 1, 5)),
            0,
            envelope::encode_content(content));
    }
    add("seen", 1, envelope::Seen{1, {9}, {}});
    const envelope::WelcomeLetter letter{1, {}, {7}, {}, to_bytes("welcome")};
    add("letter", 2, letter);
    Secret key(32);
    random.fill(key.expose());
    add("closed_letter", 4, envelope::close_letter(key, letter, random));
    add("closed_word",
        4,
        envelope::close_word(key, envelope::Word::Revocation, view_of("a revocation"), random));
    envelope::Content content;
    content.counter = {42};
    content.type = std::string(envelope::text_type);
    content.attachment = sample_attachment();
    add("content_file", 0, envelope::encode_content(content));
    content.body = to_bytes("Voici le compte rendu");
    add("content_text_and_file", 0, envelope::encode_content(content));
    const auto reader = crypto::KemKey::derive(envelope::card_kem, Bytes(32, 1));
    const auto author = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const envelope::ClaimWords claim{1,
                                     *protocol::HolderKey::from(author.public_key()),
                                     reader.public_key(),
                                     "Bonjour,\nc’est Zoé"};
    add("claim_words", 8, claim);
    const envelope::LetterWords words{
        1, envelope::LetterWords::Kind::Text, 3, reader.public_key(), {}, "une question"};
    add("letter_words", 9, words);
    add("answered_binding_words",
        9,
        envelope::LetterWords{1,
                              envelope::LetterWords::Kind::AnsweredBinding,
                              1,
                              reader.public_key(),
                              {},
                              envelope::text_of({"Cabinet", "La Présidente"})});
    add("signed_card_words", 7, envelope::SignedCardWords{codec::encode(words), Bytes(64, 2)});
    const auto closed = envelope::close_claim({}, reader.public_key(), author, claim, random);
    must(closed.has_value());
    add("closed_card_letter", 6, *closed);
    add("by_card", 10, *closed);
    add("chunk", 5, Bytes(48, 1));
}

}  // namespace cercle::fuzz
