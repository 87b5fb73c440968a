package schema

import "slices"

// ran names the servers that a rule was tried on.
const ran = "run on 1.27.0, 1.35.2, 1.39.0"

// Rules is the table of what a server lets one change, read from the top: the
// first line that fits a change gives its class. It tells of PUT
// /v1/schema/{class} unless a line names another endpoint.
func Rules() []Rule {
	return slices.Concat(featureRules(), serverRules(), collectionRules(), moduleRules(), propertyRules(), vectorRules(), indexRules(), []Rule{{
		Path: "**", What: "anything else", Class: Recreate,
		Reason: "no way to change it is known", Source: ran,
	}})
}

// featureRules are those for what a server is too old for.
func featureRules() []Rule {
	var rules []Rule
	for _, f := range Features() {
		source := ran
		if !AtLeast(f.Since, "1.27.1") {
			source = "run on 1.23.9; the patches were read"
		}
		rule := Rule{
			Path: f.Path, What: f.Name + ", before " + f.Releases(), Class: NoEffect,
			Reason: "servers before " + f.Releases() + " drop it without a word", Source: source,
			fits: all(lacks(f), func(c change) bool {
				return f.isAt(c.Path) && (f.isUsed(c.Before) || f.isUsed(c.After) || c.After != nil && isOff(c.After))
			}),
		}
		if f.Refused {
			rule.Class = Recreate
			rule.Reason = "servers before " + f.Releases() + " refuse it"
			rule.fits = all(lacks(f), func(c change) bool { return f.isAt(c.Path) && f.isUsed(c.After) })
		}
		rules = append(rules, rule)
	}
	return rules
}

// serverRules are those for what the server decides by itself, and for what it
// refuses whatever is changed.
func serverRules() []Rule {
	return []Rule{
		{
			Path: "invertedIndexConfig.usingBlockMaxWAND", What: "any", Class: NoEffect,
			Reason: "the server decides", Source: ran,
		},
		{
			Path: "replicationConfig.asyncEnabled", What: "any, since 1.38", Class: NoEffect, fits: since("1.38"),
			Reason: "derived from the factor", Source: "run on 1.39.0",
		},
		{
			Path: "replicationConfig.factor", What: "0", Class: NoEffect, fits: isZero,
			Reason: "it stands for whatever the server has", Source: ran,
		},
		{
			Path: "**", What: "all but new properties, where a nested property has indexRangeFilters, from 1.30 to 1.39.5", Class: Recreate, fits: needsRefusedPUT,
			Reason: "the server refuses every PUT of such a collection, even of what it shows itself",
			Source: "run on 1.35.2, 1.39.0; usecases/schema/parser.go, v1.30.0; cluster/schema/manager.go, v1.39.6",
		},
	}
}

func collectionRules() []Rule {
	return []Rule{
		{Path: "description", What: "any", Class: InPlace, Reason: "descriptions can be changed at any time", Source: ran},
		{Path: "class", What: "any", Class: Recreate, Reason: "a collection can't be renamed", Source: ran},

		{
			Path: "invertedIndexConfig.indexTimestamps", What: "any, before 1.35 (1.34.6, 1.33.11, 1.32.24)", Class: InPlace,
			fits:   before("1.35", "1.34.6", "1.33.11", "1.32.24"),
			Reason: "old servers let it change, without an index of what is there already", Source: "run on 1.27.0, 1.27.27, 1.29.11, 1.31.22",
		},
		{
			Path: "invertedIndexConfig.index*", What: "any", Class: Recreate,
			Reason: "the server says that the setting is immutable", Source: ran,
		},
		{
			Path: "invertedIndexConfig.**", What: "bm25, stopwords, presets, dictionaries, clean-up interval", Class: InPlace,
			Reason: "settings of search and upkeep", Source: ran,
		},

		{
			Path: "multiTenancyConfig.auto*", What: "any, of a multi-tenant collection", Class: InPlace, fits: isMultiTenant,
			Reason: "what happens to unknown or inactive tenants", Source: ran,
		},
		{
			Path: "multiTenancyConfig.**", What: "enabled, and the rest of other collections", Class: Recreate,
			Reason: "multi-tenancy can't be switched on or off later", Source: ran,
		},

		{Path: "replicationConfig.asyncEnabled", What: "any", Class: InPlace, Reason: "a setting before 1.38", Source: "run on 1.27.0, 1.35.2"},
		{
			Path: "replicationConfig.factor", What: "a higher one", Class: Recreate, fits: raises,
			Reason: "the replicas must be there first: add them by /v1/replication", Source: ran,
		},
		{Path: "replicationConfig.factor", What: "a lower one", Class: InPlace, Reason: "replicas can be given up", Source: "run on three nodes of 1.39.0"},
		{Path: "replicationConfig.**", What: "deletionStrategy, asyncConfig", Class: InPlace, Reason: "settings of replication", Source: ran},

		{Path: "shardingConfig.**", What: "any", Class: Recreate, Reason: "objects can't be moved to other shards", Source: ran},

		{Path: "objectTtlConfig.**", What: "any", Class: InPlace, Reason: "when objects expire", Source: "run on 1.35.2, 1.39.0"},
	}
}

func moduleRules() []Rule {
	return []Rule{
		{
			Path: "moduleConfig.*", What: "generative and reranker modules: another one in place of one, since 1.27.1", Class: InPlace,
			fits:   all(isRemoved, since("1.27.1"), oneOfItsKind),
			Reason: "a new one of a kind takes the place of the old", Source: "run on 1.35.2, 1.39.0",
		},
		{
			Path: "moduleConfig.*", What: "removed", Class: Recreate, fits: isRemoved,
			Reason: "the server keeps what a PUT leaves out", Source: "run on 1.35.2, 1.39.0",
		},
		{
			Path: "moduleConfig.*.**", What: "generative and reranker modules: one of its kind, since 1.27.1", Class: InPlace, fits: all(since("1.27.1"), oneOfItsKind),
			Reason: "used when a query asks for it", Source: "run on 1.35.2, 1.39.0",
		},
		{
			Path: "moduleConfig", What: "generative and reranker modules: the first, since 1.27.1", Class: InPlace, fits: all(isAdded, since("1.27.1"), onlyOnDemand),
			Reason: "used when a query asks for it", Source: "run on 1.35.2, 1.39.0",
		},
		{
			Path: "moduleConfig", What: "removed", Class: Recreate, fits: isRemoved,
			Reason: "the server keeps what a PUT leaves out", Source: "run on 1.35.2, 1.39.0",
		},
		{
			Path: "moduleConfig.*.**", What: "a second generative or reranker module", Class: Recreate, fits: isOnDemand,
			Reason: "a PUT takes one of a kind, and none before 1.27.1", Source: ran,
		},
		{
			Path: "moduleConfig.**", What: "settings of a vectorizer", Class: Recreate,
			Reason: "the vectors that are there would not be computed again, even where the server takes the change (1.39.0)", Source: ran,
		},
	}
}

func propertyRules() []Rule {
	return []Rule{
		{
			Path: "properties.*", What: "added", Class: Additive, fits: isAdded,
			Reason: "POST /v1/schema/{class}/properties; objects that are there have no value", Source: ran,
		},
		{Path: "properties.*", What: "removed", Class: Recreate, fits: isRemoved, Reason: "there is no way to delete a property", Source: ran},
		{
			Path: "properties.**.description", What: "any, since 1.30 (1.29.1, 1.28.9, 1.27.15)", Class: InPlace,
			fits:   all(isOfProperty, since("1.30", "1.29.1", "1.28.9", "1.27.15")),
			Reason: "descriptions can be changed at any time", Source: "run on 1.27.27, 1.29.11, 1.35.2, 1.39.0; the patches were read",
		},
		{
			Path: "properties.*.moduleConfig", What: "added, since 1.30", Class: InPlace, fits: all(isAdded, since("1.30")),
			Reason: "a module that had no settings there may get some", Source: "run on 1.35.2, 1.39.0; usecases/schema/parser.go, v1.29.0, v1.30.0",
		},
		{
			Path: "properties.*.moduleConfig.*", What: "added, since 1.30", Class: InPlace, fits: all(isAdded, since("1.30")),
			Reason: "a module that had no settings there may get some", Source: "run on 1.35.2, 1.39.0; usecases/schema/parser.go, v1.29.0, v1.30.0",
		},
		{
			Path: "properties.*.indexInverted", What: "any", Class: Recreate,
			Reason: "a setting of old servers that has no index of its own", Source: ran,
		},
		{
			Path: "properties.*.index*", What: "indexFilterable, indexSearchable, indexRangeFilters, since 1.39", Class: IndexTask, fits: since("1.39"),
			Reason: "PUT or DELETE /v1/schema/{class}/properties/{property}/index/{kind}", Source: "run on 1.39.0",
		},
		{
			Path: "properties.**", What: "data type, tokenization, indexes, references, nested properties", Class: Recreate,
			Reason: "only the description of a property can be changed", Source: ran,
		},
	}
}

func vectorRules() []Rule {
	return []Rule{
		{
			Path: "vectorConfig.**", What: "one called default beside one without a name", Class: Recreate, fits: all(isAdded, isVector, addsDefault),
			Reason: "the server keeps the name for the vector that has none", Source: "run on 1.35.2, 1.39.0",
		},
		{
			Path: "vectorConfig.*", What: "added, since 1.31", Class: Additive, fits: all(isAdded, since("1.31")),
			Reason: "objects that are there have no such vector until they are written again",
			Source: "run on 1.35.2, 1.39.0; usecases/schema/parser.go, v1.30.0 (an experiment there), v1.31.0",
		},
		{
			Path: "vectorConfig", What: "added, since 1.31", Class: Additive, fits: all(isAdded, since("1.31")),
			Reason: "the first named vectors", Source: "run on 1.35.2, 1.39.0; usecases/schema/parser.go, v1.30.0 (an experiment there), v1.31.0",
		},
		{Path: "vectorConfig.*", What: "removed, or added before 1.31", Class: Recreate, Reason: "a named vector can't be taken away", Source: ran},
		{
			Path: "vectorConfig.*.vectorizer.**", What: "any", Class: Recreate,
			Reason: "the vectors that are there would not be computed again, even where the server takes the change (1.39.0)", Source: ran,
		},
		{Path: "**.vectorIndexType", What: "any", Class: Recreate, Reason: "the vectors would have to be indexed again", Source: ran},
		{
			Path: "**.vectorIndexConfig.**", What: "beside another vectorIndexType", Class: Recreate, fits: isOfOtherIndex, consequence: true,
			Reason: "it is a setting of an index of another type, see vectorIndexType", Source: ran,
		},
		{Path: "**.vectorIndexConfig.**.distance", What: "any", Class: Recreate, Reason: "the index is built by it", Source: ran},
		{Path: "**.vectorIndexConfig.**.multivector.**", What: "any", Class: Recreate, Reason: "the index is built by it", Source: "run on 1.35.2, 1.39.0"},
	}
}

// indexRules are those for the settings of each kind of index.
func indexRules() []Rule {
	return []Rule{
		{Path: "**.vectorIndexConfig.**.efConstruction", What: "hnsw", Class: Recreate, fits: ofIndex("hnsw"), Reason: "the index is built by it", Source: ran},
		{Path: "**.vectorIndexConfig.**.maxConnections", What: "hnsw", Class: Recreate, fits: ofIndex("hnsw"), Reason: "the index is built by it", Source: ran},
		{Path: "**.vectorIndexConfig.**.cleanupIntervalSeconds", What: "hnsw", Class: Recreate, fits: ofIndex("hnsw"), Reason: "the server says that it is immutable", Source: ran},
		{
			Path: "**.vectorIndexConfig.**.rq.bits", What: "hnsw, where rq is and stays enabled", Class: Recreate, fits: all(ofIndex("hnsw"), staysOn),
			Reason: "the compressed vectors are built by it", Source: "run on 1.35.2, 1.39.0, 1.39.3",
		},
		{
			Path: "**.vectorIndexConfig.**.rq.centering", What: "hnsw, where rq is and stays enabled", Class: Recreate, fits: all(ofIndex("hnsw"), staysOn),
			Reason: "the compressed vectors are built by it", Source: "run on 1.39.3",
		},
		{
			Path: "**.vectorIndexConfig.**.skip", What: "hnsw, switched off", Class: Recreate, fits: all(ofIndex("hnsw"), switchesOff),
			Reason: "what was not indexed is not indexed later; the server answers 422, and changes the definition all the same", Source: "run on 1.27.0, 1.35.2, 1.39.0, 1.39.3",
		},
		{
			Path: "vectorConfig.*.vectorIndexConfig.**.*DefaultQuantization", What: "of a named vector, since 1.37 (1.36.6, 1.35.15)", Class: Recreate,
			fits:   since("1.37", "1.36.6", "1.35.15"),
			Reason: "the server answers 200, and keeps what it has", Source: "run on 1.39.0, 1.39.3; usecases/schema/class.go, v1.35.15, v1.36.0, v1.36.6, v1.37.0",
		},
		{
			Path: "**.vectorIndexConfig.**.*DefaultQuantization", What: "hnsw, before 1.37 (1.36.6, 1.35.15)", Class: Recreate,
			fits:   all(ofIndex("hnsw"), before("1.37", "1.36.6", "1.35.15")),
			Reason: "the server says that it is immutable", Source: "run on 1.35.2; hnsw/config_update.go, v1.36.0, v1.37.0",
		},
		{Path: "**.vectorIndexConfig.**", What: "hnsw, the rest", Class: InPlace, fits: ofIndex("hnsw"), Reason: "settings of search, and switching compression on", Source: ran},

		{Path: "**.vectorIndexConfig.**.rescoreLimit", What: "flat", Class: InPlace, fits: ofIndex("flat"), Reason: "a setting of search", Source: ran},
		{Path: "**.vectorIndexConfig.**.vectorCacheMaxObjects", What: "flat", Class: InPlace, fits: ofIndex("flat"), Reason: "a setting of search", Source: ran},
		{Path: "**.vectorIndexConfig.**.bq.cache", What: "flat", Class: InPlace, fits: ofIndex("flat"), Reason: "a setting of search", Source: ran},
		{
			Path: "**.vectorIndexConfig.**.*DefaultQuantization", What: "flat", Class: InPlace, fits: ofIndex("flat"),
			Reason: "what happens to vectors that are not compressed yet", Source: "run on 1.35.2, 1.39.0",
		},
		{Path: "**.vectorIndexConfig.**", What: "flat, the rest", Class: Recreate, fits: ofIndex("flat"), Reason: "compression of a flat index is fixed", Source: ran},

		{Path: "**.vectorIndexConfig.threshold", What: "dynamic", Class: InPlace, Reason: "when the index turns to hnsw", Source: ran},
		{Path: "**.vectorIndexConfig.searchProbe", What: "hfresh", Class: InPlace, Reason: "a setting of search", Source: "run on 1.39.0"},
		{Path: "**.vectorIndexConfig.maxPostingSizeKB", What: "hfresh", Class: InPlace, Reason: "a setting of upkeep", Source: "run on 1.39.0"},
		{Path: "**.vectorIndexConfig.rq.rescoreLimit", What: "hfresh", Class: InPlace, Reason: "a setting of search", Source: "run on 1.39.0"},
	}
}
