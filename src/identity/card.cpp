// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/card.h"

#include <algorithm>

#include "access/label.h"
#include "codec/tls.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "identity/card_face.h"
#include "identity/code_text.h"

namespace cercle::identity {
namespace {

constexpr auto algorithm = crypto::AeadAlgorithm::Aes256Gcm;
constexpr std::string_view face_label = "Cercle 1 closed card face";

Secret expand(const Secret& key, std::string_view label, std::size_t size = 32) {
    return crypto::hkdf_expand(crypto::HashAlgorithm::Sha256, key.reveal(), view_of(label), size);
}

}  // namespace

std::string CardCode::to_text() const {
    InvitationBody body;
    body.version = card_code_version;
    body.kind = CodeKind::Card;
    body.relay = relay;
    body.relay_key = relay_key;
    body.circle.bytes = key.bytes;
    std::ranges::copy(secret.reveal(), body.secret.begin());
    body.expires = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::seconds>(expires).time_since_epoch().count());
    return write_code(body);
}

Result<CardCode> CardCode::parse(std::string_view text, WallTime now) {
    TRY(InvitationBody body, read_code(text, CodeKind::Card, card_code_version));
    const WallTime expires{std::chrono::seconds(body.expires)};
    if (now >= expires) {
        return fail(Code::invitation_expired, "this card has expired; ask for a new one");
    }
    if (body.second_code != SecondCode::None) {
        return fail(Code::malformed, "a card has no second code");
    }
    return CardCode{
        body.relay, body.relay_key, {body.circle.bytes}, Secret::absorb(body.secret), expires};
}

CardRights card_rights(const Secret& secret) {
    const Secret key = crypto::hkdf_extract(
        crypto::HashAlgorithm::Sha256, view_of("Cercle 1 card"), secret.reveal());
    CardRights rights;
    const Secret id = expand(key, "Cercle 1 card id", protocol::CardId::size);
    std::ranges::copy(id.reveal(), rights.card.bytes.begin());
    rights.token = expand(key, "Cercle 1 card token");
    rights.face = expand(key, "Cercle 1 card face key");
    return rights;
}

Bytes close_signed_face(const SignedFace& signed_face, const Secret& face_key, Random& random) {
    Bytes closed(crypto::aead_nonce_size);
    random.fill(closed);
    append(
        closed,
        crypto::aead_encrypt(
            algorithm, face_key.reveal(), closed, view_of(face_label), codec::encode(signed_face)));
    return closed;
}

Result<SignedFace> open_signed_face(BytesView closed, const Secret& face_key) {
    if (closed.size() < crypto::aead_nonce_size) {
        return fail(Code::forged, "a card's face that was cut off");
    }
    TRY(const Bytes plain,
        crypto::aead_decrypt(algorithm,
                             face_key.reveal(),
                             closed.first(crypto::aead_nonce_size),
                             view_of(face_label),
                             closed.subspan(crypto::aead_nonce_size)));
    return codec::decode<SignedFace>(plain);
}

Result<Face> judge_face(const SignedFace& signed_face,
                        const protocol::CardId& card,
                        const CardKey& card_key) {
    TRY_VOID(access::verify(
        card_key.view(), access::Label::CardFace, signed_face.face, signed_face.signature));
    TRY(Face face, codec::decode<Face>(signed_face.face));
    if (face.version != 1) return fail(Code::unsupported, "a card's face of another version");
    if (face.card != card) return fail(Code::forged, "the face of another card");
    return face;
}

Bytes close_face(const Face& face,
                 const crypto::SigningKey& card_key,
                 const Secret& face_key,
                 Random& random) {
    Bytes content = codec::encode(face);
    Bytes signature = access::sign(card_key, access::Label::CardFace, content);
    return close_signed_face({std::move(content), std::move(signature)}, face_key, random);
}

}  // namespace cercle::identity
