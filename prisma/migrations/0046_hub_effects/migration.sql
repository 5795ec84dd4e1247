-- What hubs in between did is worked out when hosts are counted ("hub effects"). These were the strata that each look at the hosts worked it out from.
DELETE FROM "summary" WHERE "name" = 'hubs';
