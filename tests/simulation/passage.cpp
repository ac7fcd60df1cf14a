// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/passage.h"

namespace cercle::simulation {

using namespace std::chrono_literals;
using Act = client::ChangeGroup::Act;

Passage::Passage(std::string_view machine, store::Trouble trouble)
    : chronicle_({"alice", "bertrand"}, trouble.after),
      machine_(machine),
      trouble_(trouble) {}

town::Machine& Passage::machine() {
    return machine_ == "relay" ? chronicle_.town().relay_machine()
                               : chronicle_.town().machine(machine_);
}

void Passage::look_after_machines() {
    town::Town& town = chronicle_.town();
    town.tidy();
    if (!town.relay_is_up()) town.start_relay();
    town.pass(1s);
}

town::Played Passage::act(const std::string& home, client::Command command) {
    auto played = chronicle_.town().play(home, std::move(command), 20);
    look_after_machines();
    return played;
}

void Passage::say(const std::string& home, const std::string& to) {
    const auto errand = chronicle_.say(home, to, 0, 20);
    for (int second = 0; second < 25 && errand->end == town::Errand::End::None; ++second)
        chronicle_.town().pass(1s);
    look_after_machines();
}

void Passage::let_join(const std::string& name) {
    client::Join invitation;
    for (int attempt = 0; attempt < 5 && invitation.invitation.empty(); ++attempt) {
        invitation = chronicle_.town().invite(name);
        look_after_machines();
    }
    for (int attempt = 0; attempt < 5; ++attempt) {
        // The officer answers only while his process runs.
        static_cast<void>(chronicle_.town().officer(officer::ListMembers{}));
        if (act(name, invitation).done()) break;
        // Until the officer's machine has reached the relay again.
        chronicle_.town().pass(30s);
    }
    chronicle_.add_home(name);
}

void Passage::play() {
    machine().plan(trouble_);
    let_join("eve");
    say("alice", "bertrand");
    say("bertrand", "alice");
    act("alice", client::CreateGroup{"cellule", {"bertrand", "eve"}});
    act("bertrand", client::Sync{0});
    act("eve", client::Sync{0});
    for (const char* home : {"alice", "eve", "bertrand"})
        say(home, "cellule");
    act("alice", client::ChangeGroup{Act::Remove, "cellule", "eve"});
    say("bertrand", "cellule");
    for (const char* home : {"alice", "bertrand", "eve"}) {
        act(home, client::Read{});
        chronicle_.town().close(home);
    }
    chronicle_.town().stop_relay();
    look_after_machines();
    had_its_trouble_ = !machine().disk.is_planned();
    machine().disk.forget_plan();
}

}  // namespace cercle::simulation
