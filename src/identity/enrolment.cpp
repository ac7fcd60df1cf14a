// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/enrolment.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "identity/base32.h"
#include "identity/enrolment_steps.h"
#include "identity/six_words.h"

namespace cercle::identity {
namespace {

constexpr crypto::HpkeSuite suite{
    crypto::KemAlgorithm::XWing, crypto::HashAlgorithm::Sha384, crypto::AeadAlgorithm::Aes256Gcm};

constexpr std::string_view officer_label = "Cercle 1 enrolment officer";
constexpr std::string_view proof_label = "Cercle 1 enrolment proof";

Secret expand(const Secret& key, std::string_view label, std::size_t size = 32) {
    return crypto::hkdf_expand(crypto::HashAlgorithm::Sha256, key.reveal(), view_of(label), size);
}

/// One label a step, so that no step can be passed off as another.
std::string_view step_label(unsigned step) {
    constexpr std::array<std::string_view, 5> labels{"Cercle 1 enrolment step 0",
                                                     "Cercle 1 enrolment step 1",
                                                     "Cercle 1 enrolment step 2",
                                                     "Cercle 1 enrolment step 3",
                                                     "Cercle 1 enrolment step 4"};
    return labels.at(step);
}

/// nonce || AES-256-GCM. The nonce is random, since a device that crashed may write a step anew.
Bytes close_step(const EnrolmentKeys& keys, unsigned step, BytesView plain, Random& random) {
    Bytes closed(crypto::aead_nonce_size);
    random.fill(closed);
    const Secret key = expand(keys.closing, step_label(step));
    append(
        closed,
        crypto::aead_encrypt(
            crypto::AeadAlgorithm::Aes256Gcm, key.reveal(), closed, keys.exchange.view(), plain));
    return closed;
}

Result<Secret> open_step(const EnrolmentKeys& keys, unsigned step, BytesView closed) {
    if (closed.size() < crypto::aead_nonce_size) {
        return fail(Code::forged, "a step of the enrolment was cut off");
    }
    const Secret key = expand(keys.closing, step_label(step));
    return crypto::aead_decrypt_secret(crypto::AeadAlgorithm::Aes256Gcm,
                                       key.reveal(),
                                       closed.first(crypto::aead_nonce_size),
                                       keys.exchange.view(),
                                       closed.subspan(crypto::aead_nonce_size));
}

Result<Bytes> close_hybrid(const EnrolmentKeys& keys,
                           unsigned step,
                           BytesView public_key,
                           const Secret& plain,
                           Random& random) {
    TRY(auto hybrid,
        crypto::hpke_encrypt(suite,
                             public_key,
                             view_of(step_label(step)),
                             keys.exchange.view(),
                             plain.reveal(),
                             random));
    return close_step(
        keys, step, codec::encode(Hybrid{hybrid.encapsulation, hybrid.ciphertext}), random);
}

Result<Secret> open_hybrid(const EnrolmentKeys& keys,
                           unsigned step,
                           const crypto::KemKey& key,
                           BytesView closed) {
    TRY(const Secret bytes, open_step(keys, step, closed));
    TRY(const Hybrid hybrid, codec::decode<Hybrid>(bytes.reveal()));
    return crypto::hpke_decrypt(suite,
                                key,
                                view_of(step_label(step)),
                                keys.exchange.view(),
                                hybrid.encapsulation,
                                hybrid.ciphertext);
}

Bytes transcript(std::string_view label, BytesView first, BytesView second) {
    codec::Writer writer;
    writer.opaque(view_of(label));
    writer.opaque(first);
    writer.opaque(second);
    return std::move(writer).take();
}

crypto::Digest commitment_of(const EnrolmentRequest& request, BytesView opening) {
    const Secret encoded = codec::encode_secret(request);
    return crypto::sha256({view_of("Cercle 1 enrolment commitment"), opening, encoded.reveal()});
}

/// Over what was fixed before the other end's part was known: not over step 2 as it was sent, which
/// could be encrypted anew until its words are liked.
std::string words_of(BytesView step0,
                     BytesView step1,
                     const EnrolmentRequest& request,
                     BytesView opening) {
    codec::Writer writer;
    writer.opaque(view_of("Cercle 1 enrolment words"));
    writer.opaque(step0);
    writer.opaque(step1);
    writer.opaque(commitment_of(request, opening));
    return six_words(crypto::sha256(writer.bytes()));
}

EnrolmentRequest copy_of(const EnrolmentRequest& request) {
    return {request.signature_key,
            request.device_key,
            request.inbox,
            request.inbox_reader,
            request.inbox_secret.copy()};
}

Result<Step1> read_step1(const EnrolmentKeys& keys, BytesView step1) {
    TRY(const Secret bytes, open_step(keys, 1, step1));
    return codec::decode<Step1>(bytes.reveal());
}

}  // namespace

EnrolmentKeys EnrolmentKeys::derive(const Secret& invitation_secret, std::string_view code) {
    Secret typed(code.size());
    std::size_t length = 0;
    for (const char character : code) {
        if (std::isalnum(static_cast<unsigned char>(character)) == 0) continue;
        typed.expose()[length++] =
            static_cast<std::uint8_t>(std::toupper(static_cast<unsigned char>(character)));
    }
    // The exchange is named and entered by the invitation alone; what passes through it also
    // needs the code, so a wrong code is told from a spent invitation.
    const Secret secret = crypto::hkdf_extract(
        crypto::HashAlgorithm::Sha256, view_of("Cercle 1 invitation"), invitation_secret.reveal());
    const Secret with_code = crypto::hkdf_extract(
        crypto::HashAlgorithm::Sha256, secret.reveal(), typed.reveal().first(length));
    EnrolmentKeys keys;
    const Secret exchange = expand(secret, "Cercle 1 exchange id", protocol::ExchangeId::size);
    std::ranges::copy(exchange.reveal(), keys.exchange.bytes.begin());
    keys.token = expand(secret, "Cercle 1 exchange token");
    keys.closing = expand(with_code, "Cercle 1 exchange closing");
    return keys;
}

std::string make_second_code(Random& random) {
    std::array<std::uint8_t, 10> bytes{};
    random.fill(bytes);
    std::string code = to_base32(bytes);
    for (const std::size_t gap : {12U, 8U, 4U})
        code.insert(gap, "-");
    return code;
}

Newcomer::Newcomer(EnrolmentKeys keys,
                   EnrolmentRequest request,
                   crypto::KemKey ephemeral,
                   Bytes opening)
    : keys_(std::move(keys)),
      request_(std::move(request)),
      ephemeral_(std::move(ephemeral)),
      opening_(std::move(opening)) {}

Newcomer Newcomer::begin(EnrolmentKeys keys, EnrolmentRequest request, Random& random) {
    Bytes opening(32);
    random.fill(opening);
    return {std::move(keys),
            std::move(request),
            crypto::KemKey::generate(suite.kem, random),
            std::move(opening)};
}

Secret Newcomer::save() const {
    SavedNewcomer saved;
    saved.exchange = keys_.exchange;
    saved.token = keys_.token.copy();
    saved.closing = keys_.closing.copy();
    saved.request = copy_of(request_);
    saved.ephemeral = ephemeral_.secret().copy();
    saved.opening = opening_;
    return codec::encode_secret(saved);
}

Result<Newcomer> Newcomer::load(BytesView saved) {
    TRY(SavedNewcomer state, codec::decode<SavedNewcomer>(saved));
    if (state.version != 1) return fail(Code::unsupported, "an enrolment of another version");
    TRY(auto ephemeral, crypto::KemKey::from_secret(suite.kem, state.ephemeral.reveal()));
    return Newcomer({state.exchange, std::move(state.token), std::move(state.closing)},
                    std::move(state.request),
                    std::move(ephemeral),
                    std::move(state.opening));
}

Bytes Newcomer::step0(Random& random) const {
    const Step0 step{ephemeral_.public_key(), commitment_of(request_, opening_)};
    return close_step(keys_, 0, codec::encode(step), random);
}

Result<Bytes> Newcomer::step2(BytesView step0,
                              BytesView step1,
                              const CircleId& circle,
                              const crypto::SigningKey& proof,
                              Random& random) const {
    TRY(const Step1 officer, read_step1(keys_, step1));
    TRY(const Root root, Root::from(officer.root));
    if (root.circle() != circle) {
        return fail(Code::certificate_untrusted, "the answer comes from another circle");
    }
    TRY_VOID(root.verify(
        officer_label, transcript(officer_label, step0, officer.officer_key), officer.signature));
    Step2 step;
    step.request = copy_of(request_);
    step.opening = opening_;
    step.proof = proof.sign(transcript(proof_label, step0, step1));
    return close_hybrid(keys_, 2, officer.officer_key, codec::encode_secret(step), random);
}

std::string Newcomer::words(BytesView step0, BytesView step1) const {
    return words_of(step0, step1, request_, opening_);
}

Result<EnrolmentAnswer> Newcomer::open_step3(BytesView step3,
                                             const CircleId& circle,
                                             WallTime now) const {
    TRY(const Secret bytes, open_hybrid(keys_, 3, ephemeral_, step3));
    TRY(EnrolmentAnswer answer, codec::decode<EnrolmentAnswer>(bytes.reveal()));
    TRY(const Root root, Root::from(answer.root));
    if (root.circle() != circle) {
        return fail(Code::certificate_untrusted, "the answer comes from another circle");
    }
    TRY(const Passport passport, root.judge(answer.certificate, now));
    if (passport.signature_key != request_.signature_key) {
        return fail(Code::certificate_invalid, "the certificate is for another key");
    }
    TRY_VOID(open_page(answer.directory.reveal(), root, now));
    return answer;
}

Result<Bytes> Newcomer::step4(BytesView step1, BytesView key_package, Random& random) const {
    TRY(const Step1 officer, read_step1(keys_, step1));
    return close_hybrid(keys_, 4, officer.officer_key, Secret::copy_of(key_package), random);
}

Admitter::Admitter(EnrolmentKeys keys, crypto::KemKey ephemeral)
    : keys_(std::move(keys)),
      ephemeral_(std::move(ephemeral)) {}

Admitter Admitter::begin(EnrolmentKeys keys, Random& random) {
    return {std::move(keys), crypto::KemKey::generate(suite.kem, random)};
}

Secret Admitter::save() const {
    SavedAdmitter saved;
    saved.exchange = keys_.exchange;
    saved.token = keys_.token.copy();
    saved.closing = keys_.closing.copy();
    saved.ephemeral = ephemeral_.secret().copy();
    return codec::encode_secret(saved);
}

Result<Admitter> Admitter::load(BytesView saved) {
    TRY(SavedAdmitter state, codec::decode<SavedAdmitter>(saved));
    if (state.version != 1) return fail(Code::unsupported, "an enrolment of another version");
    TRY(auto ephemeral, crypto::KemKey::from_secret(suite.kem, state.ephemeral.reveal()));
    return Admitter({state.exchange, std::move(state.token), std::move(state.closing)},
                    std::move(ephemeral));
}

Result<Bytes> Admitter::step1(BytesView step0, const Authority& authority, Random& random) const {
    // Opening it shows that the sender holds the invitation (and the code).
    TRY_VOID(open_step(keys_, 0, step0));
    Step1 step;
    step.officer_key = ephemeral_.public_key();
    step.root = authority.root().certificate().der;
    step.signature =
        authority.sign(officer_label, transcript(officer_label, step0, step.officer_key));
    return close_step(keys_, 1, codec::encode(step), random);
}

Result<Step2> Admitter::checked_step2(BytesView step0, BytesView step1, BytesView step2) const {
    TRY(const Secret first, open_step(keys_, 0, step0));
    TRY(const Step0 committed, codec::decode<Step0>(first.reveal()));
    TRY(const Secret bytes, open_hybrid(keys_, 2, ephemeral_, step2));
    TRY(Step2 step, codec::decode<Step2>(bytes.reveal()));
    if (!equal_in_constant_time(commitment_of(step.request, step.opening), committed.commitment)) {
        return fail(Code::forged, "the request is not the one that was committed to");
    }
    if (step.request.inbox_secret.size() != 32) {
        return fail(Code::malformed, "an inbox secret of the wrong size");
    }
    TRY_VOID(crypto::verify(crypto::SignatureAlgorithm::Ed25519,
                            step.request.signature_key,
                            transcript(proof_label, step0, step1),
                            step.proof));
    return step;
}

Result<EnrolmentRequest> Admitter::open_step2(BytesView step0,
                                              BytesView step1,
                                              BytesView step2) const {
    TRY(Step2 step, checked_step2(step0, step1, step2));
    return std::move(step.request);
}

Result<std::string> Admitter::words(BytesView step0, BytesView step1, BytesView step2) const {
    TRY(const Step2 step, checked_step2(step0, step1, step2));
    return words_of(step0, step1, step.request, step.opening);
}

Result<Bytes> Admitter::step3(BytesView step0,
                              const EnrolmentAnswer& answer,
                              Random& random) const {
    TRY(const Secret first, open_step(keys_, 0, step0));
    TRY(const Step0 newcomer, codec::decode<Step0>(first.reveal()));
    return close_hybrid(keys_, 3, newcomer.newcomer_key, codec::encode_secret(answer), random);
}

Result<Bytes> Admitter::open_step4(BytesView step4) const {
    TRY(const Secret bytes, open_hybrid(keys_, 4, ephemeral_, step4));
    return to_bytes(bytes.reveal());
}

}  // namespace cercle::identity
