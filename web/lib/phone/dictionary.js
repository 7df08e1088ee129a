// Generated from the kinds of the root package; go generate writes it anew.

/** How many words and shapes each edition has, from 1 on. @type {[number, number][]} */
export const EDITIONS = [
  [350, 92],
  [353, 93],
  [405, 100],
  [410, 101],
  [413, 102],
];

export const WORDS = (
  "report arrival coverage departure explanation handover hold link passage plan restriction resumption situation transfer turnback " +
  "incident assessment correction dispute dissent figure notification reply reservation statement translation breach disclosure " +
  "refusal told accession adoption agreement amendment consent countersignature deployment erasure key lapse mandate nomination " +
  "objection revocation standdown suspension observed heard sensor document reported own radio phone message mail paper in-person " +
  "press publication note-verbale letter broadcast social-media people bus ambulance private-vehicle vehicle patient exactly " +
  "about at-least at-most not-distinguished civilian fighter wounded companion infant child adolescent adult elderly woman girl " +
  "man boy female male dead critical in-hospital discharged transferred-abroad killed injured detained burned attacked destroyed " +
  "staff tally estimate vehicle-load declared not-stated throughout begins ends denied told-to-leave not-secure nobody-to-send " +
  "no-consent no-transport relief weather not-in-mandate not-known other dropped-off to-ambulance to-other-convoy went-elsewhere " +
  "arrived-uncounted left-uncounted counted-twice miscounted different-cut-off removed died-in-transit born turned-back vehicle-broke-down " +
  "none-stated other-side-not-fulfilled demand-linked-to-other-leg terms-disputed shooting shelling attack-on-convoy order-to-leave " +
  "convoy-carries-forbidden captives-aboard protest road-blocked route-unsafe mines disagreement-on-numbers screening vehicles-lacking " +
  "waiting-for-permission waiting-for-escort technical alleged-author present affected controls-place stopped escorted received " +
  "gave-reason mentioned same split-from merged-into for against context not-covered same-time-and-place told-by-escort seen " +
  "own-relayed-account same-source numbers-fit subject delayed conditional no-permission no-orders security fighting documents " +
  "search escort-demanded equipment nationality jamming passed passed-on-condition left-the-area other-route watched-from-afar " +
  "waiting boarding waiting-aboard registering sheltering staying remaining returning water food infant-food heating shelter " +
  "sanitation medical-care medicine fuel information safety other-vehicle hospital on-foot fire-on-convoy fire-near-route explosion " +
  "vehicle-burned vehicle-attacked obstruction convoy-turned-back observer-denied detention killing injury death-in-transit " +
  "robbery family-separation crowd-violence threat emblem-misuse medical-hit mine forced-boarding told-alike told-differently " +
  "told-once plausible implausible one-event several-events incomplete pattern low medium high mistyped wrong-convoy wrong-place " +
  "wrong-time later-information entered-twice wrong-kind number time place author-of-act that-it-happened words reading standing " +
  "planned left transferred arrived open movement route schedule observers figures quoted paraphrased outlet unattributed fact " +
  "motive judgement forecast narrative by-person by-machine by-machine-and-read-over two-histories entry-changed dropped-after-receipt " +
  "suppressed back-dated unfaithful-report sealed-too-long opened-unseen released-early released-late secret-admission forged-record " +
  "made-up-consent stolen-key older-copy equivocation public parties mission strict counted-one-by-one closest-to-place only-account " +
  "agreed-between-parties covers-the-whole-leg latest-by-its-author working recovery device node sealing party guarantor facilitator " +
  "operator office trustee voice observer countersigned ratified repudiated carried-out danger-to-person person-asked retention-ended " +
  "entered-by-mistake court-order new rotation lost stolen holder-changed conduct affiliation qualification not-said key-lost " +
  "key-stolen nobody-in-office inquiry health found-again over succession machine-lost forked grant meeting request answer complaint " +
  "track granted granted-in-part granted-on-condition deferred coordination joint-body bilateral on-the-spot call took-part " +
  "chaired hosted looked-on invited-and-absent access escort pause medical visit presence visa communications agreed left-open " +
  "not-agreed noted accepted accepted-in-part declined passed-on borne-out not-borne-out cannot-be-told put-right outside-mandate " +
  "for-another-body answered-before others-safety not-possible bias privacy exploitation-or-abuse left-out wrong-account delay " +
  "property exhibit jpeg png webp pdf pages live copy"
).split(" ");

/** The members of objects. */
export const SHAPES = (
  "series number from to root period cut_off zone sections,name records,logged figures late,class n,name total period previous " +
  "from,low high about open uncounted,number name old new,lang text sources,title outlet locator dated sha256,convoy leg when " +
  "basis via,channel from heard exhibit,sums,unit total sharp cells of_which method load declared_by cut_off,of n,place to point " +
  "accuracy,lat lon,persons,role name note,post as present when why basis via,convoy leg when basis via reason rests_on,to when " +
  "basis via convoys records,convoys legs when basis via stated,by reason,actors,actor as,as convoys into records claim reason," +
  "statement claim,what convoy when released basis via stated outcome,convoys legs when basis via,what convoy when basis via " +
  "lacking,convoy leg when basis via to receiver,what convoy when basis via,what sure basis via rests_on,kind reason facts,act " +
  "what basis dated,of channel exhibit dated,author measure leg since published basis via,act what basis to by sent acknowledged " +
  "records,act basis received,act clauses basis dated,speaker outlet published inferred when basis via lang sha256 claims,n " +
  "speaker voice bears,sources texts,n lang text,lang of_part made,act what against found sha256 size index,when reads exports," +
  "reader part records,reader level from to,record rule received,to public by sent size,figures,name told,act basis reading " +
  "clauses,line value reason rests_on,act basis when parties readings next,id label held_by obligations,lang text,clause leg " +
  "from to who unit number sharp instalments counterpart depends_on,clause instalment,replaces terms,edition origin log_key " +
  "witnesses witness_of node_key sealing_key from to actors places legs incidents may consent amend recorded disclosure release " +
  "schedule quotas retention zone zones marks tick lodged reply succeeds,witness actor,use key proof,id label roles side keys," +
  "id label aliases role pcode point,letter label from to by,role kinds,quorum window silence object revoke lock guarantors," +
  "k of,actor group,kind counts countersign,kind part open closed after latest,delay clock whole_mission,series every days from " +
  "cut_off issue zone,class per_day,days archive,name label shifts,from minutes,at label,origin size root,act dossier,as,observer " +
  "places from to,parts reason,key replaces reason,of index from inclusion to consistency,observer label of key places from " +
  "to,act reason,act observer reason keeps,observer key seq last,act what actor key reason lifts,succeeds checkpoint reason " +
  "level origin log_key node_key sealing_key,act as basis received during convoys stated,what when basis via present points," +
  "n what as by due records,act what basis to by sent during wanted convoys records,act to as reason answered,about by received " +
  "code records,device when points sha256,format bytes covered convoy when basis via,reader as level from to"
).split(",").map((s) => s.split(" "));
