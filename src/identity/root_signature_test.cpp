// SPDX-License-Identifier: AGPL-3.0-or-later
//
// That the circle's word takes both keys, whatever it is about.

#include "identity/root_signature.h"

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "crypto/certificate.h"
#include "identity/circle_policy.h"
#include "identity/enrolment_steps.h"
#include "identity/page_revocations.h"
#include "identity/relay_word.h"
#include "identity/signed_page.h"
#include "tests/stage/forger.h"
#include "tests/stage/meeting.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using stage::Meeting;

constexpr std::string_view label = "Cercle 1 directory page";

template <class T>
bool is_forged(const Result<T>& result) {
    return !result && result.error().code == Code::forged;
}

/// A circle, and who can forge one of its two signatures.
struct Circle : Meeting {
    Authority forger = stage::forger_of(authority, random);
    const Root& root = authority.root();

    /// All that he can put in the second signature's place: his own, none, the first one again, a
    /// genuine one of another word.
    std::vector<RootSignature> attempts(std::string_view under, BytesView content) {
        const RootSignature made = forger.sign(under, content);
        return {made,
                {made.ed25519, {}},
                {made.ed25519, made.ed25519},
                {made.ed25519, authority.sign(under, view_of("another word")).ml_dsa}};
    }
};

}  // namespace

TEST_CASE("the authority's word takes both of its signatures, each over that word alone") {
    Circle circle;
    const Bytes content = to_bytes("this");
    const RootSignature genuine = circle.authority.sign(label, content);
    CHECK(circle.root.verify(label, content, genuine).has_value());
    CHECK(is_forged(circle.root.verify("Cercle 1 revocation", content, genuine)));
    CHECK(is_forged(circle.root.verify(label, view_of("that"), genuine)));
    CHECK(is_forged(circle.root.verify(label, content, {genuine.ed25519, {}})));
    CHECK(is_forged(circle.root.verify(label, content, {{}, genuine.ml_dsa})));
    CHECK(is_forged(circle.root.verify(label, content, {genuine.ml_dsa, genuine.ed25519})));
    // The same word, signed anew, is signed alike: nothing is drawn.
    CHECK(circle.authority.sign(label, content) == genuine);
}

TEST_CASE("attack: who can forge Ed25519 alone says nothing in the authority's name") {
    Circle circle;
    for (const RootSignature& made : circle.attempts(label, view_of("this")))
        CHECK(is_forged(circle.root.verify(label, view_of("this"), made)));
    const Revocation lost{1, {1}, circle.passport.device, circle.passport.member, {7}};
    CHECK(is_forged(open_revocation(sign_revocation(lost, circle.forger), circle.root)));
    CHECK(is_forged(open_policy(sign_policy({1, {1}, {1}, {}}, circle.forger), circle.root)));
    CHECK(is_forged(open_relay_word(sign_relay_word({1, {}, {7}}, circle.forger), circle.root)));
    auto page = circle.page();
    page.revocations = {lost};
    const Secret signed_page = sign_page(page, circle.forger);
    CHECK(is_forged(open_page(signed_page.reveal(), circle.root, Meeting::now)));
    // What stands on a page is nobody's word without the page.
    CHECK(is_forged(revocations_on(signed_page.reveal(), circle.root)));
    // Certificates he makes: they are Ed25519's alone, and count where a page has named them.
    const auto ghost = circle.forger.certify(circle.passport, Meeting::now, circle.random);
    CHECK(circle.root.judge(must(ghost), Meeting::now).has_value());
}

TEST_CASE("attack: who can forge Ed25519 alone, and has an invitation, answers for no officer") {
    Circle circle;
    auto& random = circle.random;
    // With a root of his own, of which one key is the circle's: an invitation names both.
    CHECK(circle.forger.root().certificate().public_key == circle.root.certificate().public_key);
    CHECK(circle.forger.root().circle() != circle.circle());
    const auto own = must(circle.officer.step1(circle.step0, circle.forger, random));
    CHECK(circle.newcomer.step2(circle.step0, own, circle.circle(), circle.key, random)
              .error()
              .code == Code::certificate_untrusted);
    // With the circle's root, and his signature.
    auto step = must(codec::decode<Step1>(circle.opened(1)));
    const RootSignature genuine = step.signature;
    codec::Writer transcript;
    transcript.opaque(view_of("Cercle 1 enrolment officer"));
    transcript.opaque(circle.step0);
    transcript.opaque(step.officer_key);
    for (RootSignature& made : circle.attempts("Cercle 1 enrolment officer", transcript.bytes())) {
        step.signature = std::move(made);
        CHECK(is_forged(circle.show(1, circle.closed(1, codec::encode(step)))));
    }
    step.signature = genuine;
    CHECK(circle.show(1, circle.closed(1, codec::encode(step))).has_value());
    // In the officer's last step: his page under the circle's root; and under his own.
    auto answer = circle.answer();
    answer.directory = sign_page(circle.page(), circle.forger);
    const auto shown = [&circle, &answer] {
        const Secret plain = codec::encode_secret(answer);
        return circle.show(3, circle.closed_hybrid(3, plain.reveal()));
    };
    CHECK(is_forged(shown()));
    answer.root = circle.forger.root().certificate().der;
    CHECK(shown().error().code == Code::certificate_untrusted);
    answer = circle.answer();
    CHECK(shown().has_value());
}

TEST_CASE("an authority comes back from what is kept of it, and from nothing else") {
    Circle circle;
    const BytesView root = circle.root.certificate().der;
    const Secret kept = circle.authority.secret();
    const auto again = Authority::from(root, kept.reveal());
    REQUIRE(again.has_value());
    CHECK(again->sign(label, view_of("this")) == circle.authority.sign(label, view_of("this")));
    const auto refused = [&](const Secret& secret) {
        const auto made = Authority::from(root, secret.reveal());
        return !made && made.error().code == Code::store_corrupt;
    };
    CHECK(refused(circle.forger.secret()));
    CHECK(refused(Secret::copy_of(kept.reveal().first(32))));
    Secret other = kept.copy();
    other.expose().front() ^= 1U;
    CHECK(refused(other));
}

TEST_CASE("a root of before, with one key, is refused in words") {
    vectors::SeededRandom random(1);
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const auto der = must(crypto::make_root_certificate(
        key, "Cercle root", {Meeting::now, Meeting::now + std::chrono::hours(1)}, random));
    const auto root = Root::from(der);
    REQUIRE_FALSE(root.has_value());
    CHECK(root.error().code == Code::unsupported);
    CHECK(std::string_view(root.error().reason.text).contains("founded before"));
}

TEST_CASE("a second signature costs each word 3311 bytes, and the root 1995") {
    Circle circle;
    const RootSignature made = circle.authority.sign(label, view_of("this"));
    CHECK(codec::encoded_size(made) == root_signature_size);
    CHECK(codec::encoded_size(made) - codec::encoded_size(made.ed25519) == 3311);
    const auto& root = circle.root.certificate();
    const auto key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, circle.random);
    const auto of_before =
        must(crypto::make_root_certificate(key, "Cercle root", root.validity, circle.random));
    CHECK(root.der.size() - of_before.size() == 1995);
    // On a page a revocation costs no signature.
    auto page = circle.page();
    const std::size_t before = codec::encoded_size(page);
    page.revocations.push_back({1, {1}, circle.passport.device, circle.passport.member, {7}});
    CHECK(codec::encoded_size(page) - before == 49);
}
