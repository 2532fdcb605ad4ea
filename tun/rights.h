// rights.h: takes the right to be on time, and gives up what the process needs no more once
// everything is set up.
#pragma once

namespace tcptwin::tun {

// Runs before other programs (nice -20), where that is permitted; children started later do, too.
void hurry();

// For good: no capabilities, no way to new ones; root becomes nobody. Files and devices that are
// open stay so. Throws Failure.
void drop_rights();

}  // namespace tcptwin::tun
