// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/pages.h"

#include "client/circle_policy.h"
#include "client/lost.h"
#include "client/offices.h"
#include "client/receive.h"
#include "client/renewal.h"
#include "client/unlisted.h"
#include "client/vigil.h"

namespace cercle::client {
namespace {

/// Before this device is in the directory's conversation all that comes is its first page.
Result<vigil::Belief> belief_in(Core& core,
                                store::Transaction& transaction,
                                const identity::DirectoryPage& page,
                                WallTime at) {
    TRY(const auto directory, core.conversations.directory());
    if (!directory) return vigil::judge_first(transaction, page, at);
    return vigil::judge(core, transaction, page, at);
}

/// This device's own certificate, made anew, for its own key; whatever else the page says.
Result<void> take_renewal(Core& core,
                          store::Transaction& transaction,
                          const identity::DirectoryPage& page) {
    for (const identity::DirectoryDevice& device : page.devices) {
        if (device.device != core.self.device) continue;
        // One for another key is no renewal: the vigil raises an alarm.
        const auto taken = take_certificate(core, transaction, device.certificate);
        if (taken) continue;
        if (is_of_the_disk(taken.error().code)) return taken;
        core.world.diary.fault(taken.error());
    }
    return {};
}

}  // namespace

Result<void> enter_page(Core& core,
                        store::Transaction& transaction,
                        const identity::DirectoryPage& page,
                        BytesView signed_page,
                        WallTime at) {
    TRY_VOID(take_renewal(core, transaction, page));
    TRY(const auto belief, belief_in(core, transaction, page, at));
    // The rules hold for who was kept from pages before this one, too; that he was, he is told.
    if (page.policy && belief != vigil::Belief::Refused) {
        TRY_VOID(circle_policy::take(transaction, *page.policy, core.self.root, at));
    }
    if (belief != vigil::Belief::Believed) return {};
    TRY_VOID(offices::meet(core, transaction, page));
    TRY_VOID(People::take_page(transaction, core.world.random, page));
    TRY_VOID(offices::keep_page(transaction, page.number, signed_page));
    core.inboxes_turned = true;
    TRY_VOID(unlisted::look_again(core, transaction));
    TRY_VOID(lost::look(core, transaction));
    return lost::readmit(core, transaction, lost::By::Us);
}

}  // namespace cercle::client
