"""What a run leaves besides the VCF: tables, summary, count log and provenance."""
