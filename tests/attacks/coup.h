// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Coup: a circle whose officer, or who has stolen his key, has turned against it.

#include <algorithm>

#include "client/compose.h"
#include "client/transparency.h"
#include "officer/pages.h"
#include "officer/register.h"
#include "tests/attacks/scene.h"
#include "tests/must.h"

namespace cercle::attacks {

namespace transparency = client::transparency;

/// The circle of Alice, Bertrand and Chloe, whose officer has turned against it.
struct Coup : Scene {
    Coup()
        : Scene({"alice", "bertrand", "chloe"}),
          authority(must_have_authority()) {}

    officer::AuthorityRow must_have_authority() {
        REQUIRE(town->officer(officer::ListMembers{}).done());
        auto row = officer::Register(office().database).authority();
        REQUIRE(row.has_value());
        REQUIRE(row->has_value());
        return **std::move(row);
    }

    [[nodiscard]] client::Core& office() { return *town->core("officer"); }

    [[nodiscard]] identity::MemberId member(const std::string& home) {
        return town->core(home)->self.member;
    }

    /// A certified device of a member, whose keys the officer has.
    identity::DirectoryDevice ghost_of(const std::string& home) {
        return ghost_of(
            home,
            crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, town->random()));
    }

    identity::DirectoryDevice ghost_of(const std::string& home, const crypto::SigningKey& key) {
        auto& random = town->random();
        const identity::Passport passport{member(home),
                                          identity::DeviceId::random(random),
                                          identity::Role::Member,
                                          key.public_key()};
        auto certificate =
            authority.authority.certify(passport, office().world.clock.wall(), random);
        REQUIRE(certificate.has_value());
        Secret secret(32);
        random.fill(secret.expose());
        return {passport.device,
                passport.member,
                *std::move(certificate),
                protocol::LogId::random(random),
                std::move(secret),
                {}};
    }

    /// Puts leaves into the officer's log, and a page that says what is given into the directory.
    void publish(identity::DirectoryPage page,
                 const std::vector<identity::TransparencyLeaf>& leaves) {
        auto transaction = must(office().database.begin());
        const auto before = must(transparency::head(transaction));
        for (const auto& leaf : leaves)
            must(transparency::append(transaction, leaf));
        page.growth = must(transparency::growth_from(transaction, {before.size.value}));
        must(transaction.run("UPDATE self SET page = page + 1"));
        const auto own = must(transaction.one<identity::PageNumber, std::string>(
            "SELECT page, circle_name FROM self"));
        page.number = std::get<0>(*own);
        page.circle_name = std::get<1>(*own);
        page.suite = office().self.suite;
        const Secret signed_page = identity::sign_page(page, authority.authority);
        const auto directory = must(office().conversations.directory());
        must(client::write_content(
            office(), transaction, directory->log, envelope::directory_type, signed_page.reveal()));
        must(std::move(transaction).commit());
        office().work.set();
        town->pass(std::chrono::seconds(5));
    }

    Texts alarms(const std::string& home) {
        Texts rules;
        const auto played = town->play(home, client::ListAlarms{});
        for (const auto& event : played.events) {
            if (const auto* alarm = std::get_if<client::AlarmShown>(&event))
                rules.push_back(alarm->rule);
        }
        return rules;
    }

    bool knows_device(const std::string& home, identity::DeviceId device) {
        return must(town->core(home)->people.device(device)).has_value();
    }

    officer::AuthorityRow authority;
};

}  // namespace cercle::attacks
